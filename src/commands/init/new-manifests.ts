import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { shown } from '../../init/declared/services.ts'
import { manifestsFromDockerfiles } from '../../init/generate/dockerfiles.ts'
import { type Generated, manifestsFromCompose } from '../../init/generate/generate.ts'
import type { Proposal } from '../../init/propose/propose.ts'
import { openRepository } from '../../readers/open.ts'
import type { Found } from '../../scan/found.ts'
import { confirm } from '../../terminal/confirm.ts'
import { asks } from './open.ts'

/**
 * Writes manifests for the services of a Compose file, or else for the Dockerfiles, into a new folder, after a question
 * on a terminal; undefined if there is neither, or the answer is no. Throws USAGE rather than writing over a file.
 */
export async function writeManifests(ctx: CliContext, found: Found, name: string): Promise<Generated | undefined> {
  const repository = openRepository(ctx.cwd, found.files)
  const made = manifestsFromCompose(repository) ?? (await manifestsFromDockerfiles(found.dockerfiles, name, repository))
  if (made === undefined) return undefined
  const files = Object.entries(made.files)
  const others = files.map(([file]) => file).filter((file) => !file.startsWith(`${made.folder}/`))
  const more = others.length === 0 ? '' : ` and ${others.join(', ')}`
  const question = `There are no manifests. Write ${made.folder}/${more} from ${made.source}?`
  if (asks(ctx) && !(await confirm(ctx, question))) return undefined
  for (const [file, text] of files) {
    await mkdir(join(ctx.cwd, dirname(file)), { recursive: true })
    await writeFile(join(ctx.cwd, file), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      throw new DevkError('USAGE', `${file} is there already`, { hint: `Move ${made.folder} away and try again.` })
    })
  }
  return made
}

/** The proposal for the manifests that were written, with the Secrets of the env files. Pure. */
export function withGenerated(proposal: Proposal, made: Generated): Proposal {
  const { config, notes, remarks } = proposal
  const known = Object.keys(made.secrets)
  const isAbout = (note: string) =>
    known.some((secret) => note.startsWith(`No manifest defines the Secret ${secret}. `))
  const secrets = { ...config.secrets, ...made.secrets }
  const open = made.open.map(({ place, message }) => `${shown(place)}: ${message}`)
  return {
    ...proposal,
    config: {
      ...config,
      services: withJobs(config.services ?? {}, made),
      ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    },
    notes: [...new Set([...open, ...notes.filter((note) => !isAbout(note))])],
    remarks: [`${made.folder} was made from ${made.source}. It is yours: change it as you like.`, ...remarks],
  }
}

type Services = NonNullable<Proposal['config']['services']>

/** Services for the Jobs that others wait for. */
function withJobs(services: Services, { jobs }: Generated): Services {
  const all: Services = { ...services }
  for (const [job, waiting] of Object.entries(jobs)) {
    all[job] ??= { workload: `Job/${job}` }
    for (const name of waiting) {
      const own = all[name]
      const needs = own?.dependsOn ?? []
      if (own !== undefined && !needs.includes(job)) all[name] = { ...own, dependsOn: [...needs, job] }
    }
  }
  return all
}
