// What verdicts, failures and levels mean, in a reader's words.

const FAILURES = {
  no_code: "The model gave no code.",
  syntax_error: "The code is not Python.",
  unknown_table: "The code names a table that is not there.",
  unknown_column: "The code names a column that is not there.",
  unknown_method: "The code calls something that Polars does not have.",
  bad_argument: "The code calls Polars with arguments that it does not take.",
  type_error: "The code mixes types that do not go together.",
  no_result: "The code assigns nothing to “result”.",
  resource_limit: "The code took more time or memory than it may.",
  sandbox_violation: "The code tried something that the sandbox forbids, and was stopped.",
};

const LEVELS = {
  L3: "namespaces, Landlock and seccomp",
  L2: "Landlock and seccomp, no namespaces",
  L1: "namespaces and seccomp, no Landlock",
  L0: "limits only: not isolated",
};

/** {kind, text, mark, meaning} of an answer. */
export function verdictOf({ verified, verified_on, code }) {
  if (verified && verified_on === "data") {
    return {
      kind: "data",
      mark: "✓",
      text: "Verified on your data",
      meaning: "The code was run on these tables and gave this result. Whether it is what you meant, only reading it tells.",
    };
  }
  if (verified) {
    return {
      kind: "empty",
      mark: "○",
      text: "Verified on empty tables",
      meaning: "The code runs over tables with these columns and no rows. It has seen no data.",
    };
  }
  return {
    kind: "not",
    mark: "✕",
    text: "Not verified",
    meaning: code ? "The code below did not pass its check. Do not rely on it." : "There is no code to show.",
  };
}

export function failureWords(failure) {
  return FAILURES[failure] ?? "It could not be verified.";
}

export function levelWords(level) {
  return LEVELS[level] ?? "";
}

const STAGES = {
  queued: "Waiting for its turn",
  generating: "Writing code",
  verifying: "Running the code",
  repairing: "Mending the code",
};

export function stageWords({ stage, attempt }) {
  const words = STAGES[stage] ?? stage;
  return attempt > 1 ? `${words}, attempt ${attempt}` : words;
}
