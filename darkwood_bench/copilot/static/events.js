// Server-sent events out of a fetched body (EventSource can neither post nor send a token).

/** Yields {event, data} for each event of a stream of bytes, as the HTML standard reads them. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? "" : value;
      // A carriage return at the very end may be the first half of a line's end.
      const held = !done && rest.endsWith("\r") ? 1 : 0;
      const text = rest.slice(0, rest.length - held).replace(/\r\n?/g, "\n");
      const blocks = text.split("\n\n");
      rest = blocks.pop() + rest.slice(rest.length - held);
      for (const block of blocks) {
        const event = parsed(block);
        if (event !== null) yield event;
      }
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? null : { event: name, data: data.join("\n") };
}
