/** `completion bash|zsh|fish`: a script made from the commands that there are. */
import { Argument, type Command } from "commander";

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a completion script: source <(miroir-ctl completion bash)")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action((shell: string) => console.log(script(program, shell)));
}

interface Words {
  /** Words before, joined by spaces: none for commands of the first level. */
  readonly after: string;
  readonly words: readonly string[];
}

function wordsOf(command: Command, after = ""): readonly Words[] {
  const options = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  const words = [...command.commands.map((sub) => sub.name()), ...options];
  const own = words.length === 0 ? [] : [{ after, words }];
  return [
    ...own,
    ...command.commands.flatMap((sub) => wordsOf(sub, `${after} ${sub.name()}`.trim())),
  ];
}

function script(program: Command, shell: string): string {
  const levels = wordsOf(program);
  if (shell === "fish") {
    return levels
      .map(({ after, words }) => {
        const test =
          after === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${after}`;
        return `complete -c miroir-ctl -f -n '${test}' -a '${words.join(" ")}'`;
      })
      .join("\n");
  }
  const cases = levels.map(({ after, words }) => `    "${after}") words="${words.join(" ")}" ;;`);
  return [
    ...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_miroir_ctl() {",
    '  local path="" words="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) ;; *) path="${path:+$path }$word" ;; esac',
    "  done",
    '  case "$path" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    "}",
    "complete -F _miroir_ctl miroir-ctl",
  ].join("\n");
}
