import { shellLine } from '../../readers/words.ts'
import type { ProjectRecord } from '../../state/projects.ts'
import type { ActionPreview } from './request.ts'

/** What running a job would do. Pure. */
export function runPreview({ record }: { readonly record: Pick<ProjectRecord, 'jobs'> }, name: string): ActionPreview {
  const job = record.jobs?.find((each) => each.name === name)
  const where = job?.service === undefined ? '' : `, with the image and the environment of ${job.service}`
  const what = job === undefined ? 'The configuration says what it runs' : `It runs ${shellLine(job.command)}${where}`
  return {
    effects: [
      `Creates a Job for ${name} and waits until it ends, at most 10 minutes. Then the Job is deleted.`,
      `${what}. Its exit code and its last lines are the result.`,
    ],
    command: `devk run ${name}`,
    kubectl: null,
  }
}
