import { errorCodes } from '../../src/error-codes.ts'

/** The text of docs/errors.md: one section for each error code. */
export function errorsPage(): string {
  const sections = Object.entries(errorCodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([code, { exitCode, cause, fix }]) => [
      '',
      `## ${code}`,
      '',
      `Exit code ${exitCode}.`,
      '',
      `**Cause.** ${cause}`,
      '',
      `**Fix.** ${fix}`,
    ])
  return [
    '# Error codes',
    '',
    '<!-- Written by scripts/docs.ts from src/error-codes.ts; change it there. -->',
    '',
    'The message of each error ends with a code in brackets. The codes are stable, so scripts can rely on them:',
    '',
    '```console',
    '$ devk up',
    '✖ Port 8080 is taken by nginx (pid 4121) [PORT_TAKEN]',
    '```',
    '',
    'With `--json` devk prints the error on stdout as one JSON object: `error.code` is the code, `error.message` the message,',
    '`error.details` a list of lines, and `error.hint` the next step or `null`. The exit code is the same in both cases; `devk run` and',
    '`devk exec` return the exit code of the program that they ran.',
    ...sections,
    '',
  ].join('\n')
}
