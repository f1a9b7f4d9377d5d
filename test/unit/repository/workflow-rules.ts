import { parse } from 'yaml'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

/** What a workflow may refer to. */
export interface Repository {
  /** Names of the scripts of package.json. */
  readonly scripts: ReadonlySet<string>
  readonly exists: (path: string) => boolean
}

const pinned = /uses: [\w./-]+@[0-9a-f]{40} # v\d/
const mayWrite: Readonly<Record<string, readonly string[]>> = {
  'release.yml': ['id-token'],
  'docs.yml': ['pages', 'id-token'],
}

/** Breaches of this project's rules in the text of one workflow, each as a sentence. */
export function workflowBreaches(file: string, text: string, repository: Repository): string[] {
  const { permissions, jobs } = parse(text) as Workflow
  return [
    ...(JSON.stringify(permissions) === '{"contents":"read"}' ? [] : ['permissions are not contents: read']),
    ...unpinned(text),
    ...Object.entries(jobs).flatMap(([name, job]) => jobBreaches(file, name, job, repository)),
  ].map((breach) => `${file}: ${breach}`)
}

/** A tag can be moved to other code. The version behind the commit is for people, and for tools that propose updates. */
function unpinned(text: string): string[] {
  const lines = text.split('\n').filter((line) => /\buses:/.test(line) && !pinned.test(line))
  return lines.map((line) => `${line.trim()} is not pinned to a commit with its version behind it`)
}

function jobBreaches(file: string, name: string, job: Job, repository: Repository): string[] {
  const writes = Object.entries(job.permissions ?? {}).filter(([, level]) => level !== 'read')
  const forbidden = writes.filter(([scope]) => !mayWrite[file]?.includes(scope))
  return [
    ...forbidden.map(([scope]) => `job ${name} may write ${scope}`),
    ...(job['timeout-minutes'] === undefined ? [`job ${name} has no timeout-minutes`] : []),
    ...(job.steps ?? []).flatMap((step) => stepBreaches(name, step, repository)),
  ]
}

function stepBreaches(job: string, { uses = '', run = '', with: input = {} }: Step, repository: Repository): string[] {
  const scripts = [...run.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script)
  const paths = [...`${run} ${Object.values(input).join(' ')}`.matchAll(/(?:^|\s)((?:bin|scripts|test)\/[\w./-]+)/g)]
  return [
    ...(uses.startsWith('actions/checkout@') && input['persist-credentials'] !== false
      ? [`job ${job} leaves the token in the checkout`]
      : []),
    // Text of an issue or a branch name would become part of the script.
    ...(run.includes('${{') ? [`job ${job} puts an expression into a script; pass it as a variable`] : []),
    ...scripts.filter((script) => !repository.scripts.has(script)).map((script) => `there is no npm script ${script}`),
    ...paths.flatMap(([, path = '']) => (repository.exists(path) ? [] : [`there is no ${path}`])),
  ]
}
