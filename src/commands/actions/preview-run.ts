import { relative } from 'node:path'
import type { Job } from '../../config/schema.ts'
import { shellLine } from '../../readers/words.ts'
import type { ActionPreview } from './request.ts'

const result = 'Its exit code and its last lines are the result.'

/**
 * What running a job would do. `job`: undefined for a service that is a Job or CronJob; `root`: the folder of the
 * configuration. Pure.
 */
export function runPreview(name: string, job: Job | undefined, root: string): ActionPreview {
  return {
    effects: job?.local ? onThisMachine(job, root) : inCluster(name, job),
    command: `devk run ${name}`,
    kubectl: null,
  }
}

function onThisMachine({ command, cwd, env }: Job, root: string): string[] {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`)
  const more = variables.length === 0 ? '' : `, with ${shellLine(variables)}`
  const folder = relative(root, cwd) || 'the folder of the configuration'
  return [
    `Runs ${shellLine(command)} on this machine, in ${folder}${more}.`,
    `It ends after 10 minutes at the latest, with everything that it has started. ${result}`,
  ]
}

function inCluster(name: string, job: Job | undefined): string[] {
  const where = job?.service === undefined ? '' : `, with the image and the environment of ${job.service}`
  const what = job === undefined ? 'It runs what its manifest says' : `It runs ${shellLine(job.command)}${where}`
  return [
    `Creates a Job for ${name} and waits until it ends, at most 10 minutes. Then the Job is deleted.`,
    `${what}. ${result}`,
  ]
}
