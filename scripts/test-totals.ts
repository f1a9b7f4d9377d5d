/** The parts of vitest's JSON report that are read. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly tags: readonly string[] }[]
  }[]
}

/** How many tests passed and failed. */
export interface Totals {
  readonly passed: number
  readonly failed: number
}

/**
 * Counts the tests of a run whose tags are selected. Everything but a pass is a failure: a skipped test, a run that failed outside
 * its tests, a run without tests, and a run without a report.
 */
export function totalsOf(
  report: VitestReport | undefined,
  exitCode: number,
  isSelected: (tags: readonly string[]) => boolean,
): Totals {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
  const selected = tests.filter(({ tags }) => isSelected(tags))
  const passed = selected.filter(({ status }) => status === 'passed').length
  const failed = selected.length - passed
  const hidden = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0
  return { passed, failed: failed + hidden }
}
