import { posix } from 'node:path'
import { developmentStages, type ImageFacts, imageFacts } from '../../images/reload/image.ts'
import type { Reload } from '../../images/reload/program.ts'
import { reloadOf } from '../../images/reload/reload.ts'
import { type SyncRules, syncRules, type Tree } from '../../images/reload/rules.ts'
import type { KubeObject } from '../../kube/api.ts'
import { repositoryOf } from '../../lib/image-reference.ts'
import { oneOf } from '../../lib/one-of.ts'
import { type Container, containersOf, podTemplate } from '../../manifests/workload.ts'
import type { FoundDockerfile } from '../../scan/found.ts'
import type { Match } from '../match/match.ts'
import { copiedFiles, isInside } from './copied.ts'

/** How saves reach a running container of a service, and the Dockerfile and stage for it. */
export interface Live {
  readonly rules: SyncRules | undefined
  readonly reload: Reload | undefined
  /** Replaces the match, where a Dockerfile or stage is for development. */
  readonly match: Match
  /** Why saves are synced, or why they are not, as a sentence. */
  readonly reason: string | undefined
}

/** A container that runs an image of the project. */
interface Use {
  readonly container: Container
  readonly volumes: readonly string[]
  readonly readOnly: boolean
}

/** What decides how saves reach containers, besides their image. */
export interface Around {
  readonly objects: readonly KubeObject[]
  readonly tree: Tree
  /** A command by which people develop, as a file of another tool says. */
  readonly developed?: { readonly command: readonly string[]; readonly place: string } | undefined
}

/** Works out how saves reach the containers that run an image. */
export async function liveOf(repository: string, match: Match, { objects, tree, developed }: Around): Promise<Live> {
  const uses = objects.flatMap((object) => usesOf(object, repository))
  const none: Live = { rules: undefined, reload: undefined, match, reason: undefined }
  if (uses.length === 0 || uses.some(({ readOnly }) => readOnly)) return none
  for (const candidate of candidatesOf(match)) {
    const found = await syncOf(candidate, uses, tree)
    if (found === undefined) continue
    const { file } = candidate.dockerfile
    const stage = candidate.target === undefined ? file : `the stage ${candidate.target} of ${file}`
    const isOther = candidate !== match
    const reason = `${isOther ? `For development, ${stage} is built. ` : ''}${found.reload.reason}`
    return { ...found, match: candidate, reason }
  }
  const told = developed === undefined ? undefined : await syncOf(match, uses, tree, developed.command)
  if (told !== undefined && developed !== undefined) {
    const reload = { ...told.reload, command: told.reload.command ?? developed.command }
    return { ...told, reload, match, reason: `command: ${developed.place}. ${told.reload.reason}` }
  }
  const facts = imageFacts(match.dockerfile.text, match.target)
  if (facts === undefined || !isInterpreted(facts)) return none
  const command = commandOf(facts, uses)?.join(' ') ?? facts.base
  return { ...none, reason: `No sync rules: it is not known that ${command} reloads, so each save makes a new image.` }
}

/** The match itself, and then the Dockerfiles and stages for development. */
function candidatesOf(match: Match): Match[] {
  const { dockerfile, target } = match
  const variants = dockerfile.variants.filter(({ file }) => /(dev|local|watch|reload)/i.test(posix.basename(file)))
  const stages = target === undefined ? developmentStages(dockerfile.text) : []
  return [
    match,
    ...variants.map((each): Match => ({ ...match, dockerfile: { ...each, variants: [] } satisfies FoundDockerfile })),
    ...stages.map((stage): Match => ({ ...match, target: stage })),
  ]
}

async function syncOf(
  match: Match,
  uses: readonly Use[],
  tree: Tree,
  developed?: readonly string[],
): Promise<{ rules: SyncRules; reload: Reload } | undefined> {
  const { dockerfile, target } = match
  const facts = imageFacts(dockerfile.text, target)
  const own = uses.map(({ container }) => (container.command ?? container.args) !== undefined)
  // Several containers with commands of their own would all get the same one.
  if (facts === undefined || (own.some(Boolean) && uses.length > 1)) return undefined
  const rules = await syncRules(facts, dockerfile.context, tree)
  const open = rules.sync.filter(
    ({ to }) => !uses.some(({ volumes }) => volumes.some((volume) => isInside(to, volume))),
  )
  if (open.length === 0) return undefined
  const reload = await reloadOf({
    words: developed ?? commandOf(facts, uses) ?? [],
    needsShell: developed === undefined && facts.needsShell && !own.some(Boolean),
    base: facts.base,
    runs: facts.runs,
    env: facts.env,
    ...copiedFiles(facts, dockerfile.context, tree),
  })
  if (reload === undefined) return undefined
  const html = /^(nginx|httpd|caddy)/.test(facts.base.split('/').at(-1) ?? '')
  const served = html ? open.filter(({ to }) => /html|htdocs|www|srv|public/.test(to)) : open
  return served.length === 0 ? undefined : { rules: { ...rules, sync: served }, reload }
}

/** What the containers run: the manifests count, then the Dockerfile. */
function commandOf({ command, hasEntry }: ImageFacts, [use]: readonly Use[]): readonly string[] | undefined {
  const { command: own, args } = use?.container ?? {}
  if (own !== undefined) return [...own, ...(args ?? [])]
  if (args === undefined) return command
  // Without an entry point they are the command: those of base images start what they are given.
  return hasEntry ? undefined : args
}

function usesOf(object: KubeObject, repository: string): Use[] {
  const template = podTemplate(object)
  if (template === undefined) return []
  return containersOf(template).flatMap((container): Use[] => {
    if (!container.image || repositoryOf(container.image) !== repository) return []
    // What runs once takes up no changes.
    if (/^(Job|CronJob)$/.test(object.kind) || template.spec.initContainers?.includes(container)) return []
    const mounts = (container.volumeMounts ?? []) as readonly { readonly mountPath?: unknown }[]
    const { readOnlyRootFilesystem } = (container.securityContext ?? {}) as { readOnlyRootFilesystem?: unknown }
    const volumes = mounts.flatMap(({ mountPath }) => (typeof mountPath === 'string' ? mountPath : []))
    return [{ container, volumes, readOnly: readOnlyRootFilesystem === true }]
  })
}

const interpreted = oneOf('node python php ruby bun deno pypy alpine-node jruby')

function isInterpreted({ base, command = [] }: ImageFacts): boolean {
  const image = base.split('/').at(-1)?.split(':')[0] ?? ''
  return (
    interpreted.test(image) ||
    /^(node|npm|yarn|pnpm|python[\d.]*|php|ruby|gunicorn|uvicorn|flask)$/.test(command[0] ?? '')
  )
}
