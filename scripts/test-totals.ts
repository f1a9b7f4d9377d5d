/** The parts of vitest's JSON report that are read: for each file (`name`) its tests, and the error that kept it from loading. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly tags: readonly string[]
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/** How many tests passed, and a text for each one that failed: its file and name, and how its error begins. */
export interface Totals {
  readonly passed: number
  readonly failures: readonly string[]
}

/** Lines of an error that the summary repeats. */
const errorLines = 12

/**
 * Counts the tests of a run whose tags are selected. Everything but a pass is a failure: a skipped test, a run that failed outside
 * its tests, a run without tests, and a run without a report.
 */
export function totalsOf(
  report: VitestReport | undefined,
  exitCode: number,
  isSelected: (tags: readonly string[]) => boolean,
): Totals {
  const files = report?.testResults ?? []
  const tests = files.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ file: name, ...test })))
  const selected = tests.filter(({ tags }) => isSelected(tags))
  const failures = selected
    .filter(({ status }) => status !== 'passed')
    .map(({ file, fullName, status, failureMessages }) =>
      describe(`${file} > ${fullName}`, failureMessages?.join('\n') || status),
    )
  const passed = selected.length - failures.length
  if (failures.length > 0 || (exitCode === 0 && passed > 0)) return { passed, failures }
  const errors = files.filter(({ message }) => message).map(({ name, message }) => `${name}: ${message}`)
  return { passed, failures: [describe(`exit code ${exitCode}, ${passed} tests passed`, errors.join('\n'))] }
}

const describe = (title: string, error: string) =>
  [title, ...error.split('\n').filter(Boolean).slice(0, errorLines)].join('\n    ')
