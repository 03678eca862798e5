// Calls the page's functions for Python: a line of JSON in, {file, name, args}, and a line out.
// An argument {stream: [text, …]} stands for a body that comes in these pieces.
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const { file, name, args } = JSON.parse(line);
  const found = (await import(file))[name](...args.map(given));
  console.log(JSON.stringify(await settled(found)));
}

async function settled(found) {
  if (!found?.[Symbol.asyncIterator]) return found ?? null;
  const all = [];
  for await (const one of found) all.push(one);
  return all;
}

function given(argument) {
  if (!argument?.stream) return argument;
  const bytes = argument.stream.map((text) => Uint8Array.from(text, (one) => one.charCodeAt(0)));
  return new ReadableStream({
    start(controller) {
      for (const piece of bytes) controller.enqueue(piece);
      controller.close();
    },
  });
}
