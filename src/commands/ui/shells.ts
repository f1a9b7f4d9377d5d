import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { Pod } from '../../kube/pod.ts'
import { containersOfService } from '../../kube/pod-services.ts'
import { runShell } from '../../kube/shell.ts'
import { recordOf } from '../../lib/record.ts'
import { messageOf } from '../../lib/text.ts'
import { type OpenProject, openProject } from '../../project/open.ts'
import type { Answer } from '../../ui/server.ts'
import {
  type PageTerminal,
  type TerminalAnswer,
  type TerminalEnd,
  terminalUpgrade,
  type Upgrade,
} from '../../ui/terminal.ts'
import { kubectlOf } from '../actions/preview-release.ts'
import { isName } from '../actions/request.ts'
import { serviceContainer, servicePods } from '../exec.ts'
import { type Asking, answering } from './answering.ts'
import type { UiShellChoice, UiShellPreview } from './api.ts'

/** A pod of a service or external. */
export interface ShellPlace {
  readonly service: string
  readonly pod: string
}

/** What the shells of the page run through. */
export interface ShellDeps {
  readonly open: (ctx: CliContext) => Promise<OpenProject>
  readonly run: typeof runShell
}

const real: ShellDeps = { open: openProject, run: runShell }
const asking: Asking<ShellPlace> = {
  read: placeIn,
  refusal: 'This names no pod.',
  textOf: ({ message }) => message,
}
/** How many shells may be open at a time. */
const mostShells = 16

/** The part of the API that says what a shell would be. By path. */
export function shellRoutes(
  ctx: CliContext,
  { open }: Pick<ShellDeps, 'open'> = real,
): Readonly<Record<string, Answer>> {
  return {
    '/api/v1/shell-preview': answering(asking, async (place) => shellPreview(await open(ctx), place, ctx.signal)),
  }
}

/** The part of the API that takes WebSockets. By path. */
export function shellSockets(ctx: CliContext, deps: ShellDeps = real): Readonly<Record<string, Upgrade>> {
  return { '/api/v1/shell': terminalUpgrade(shellAnswer(ctx, deps), ctx.signal) }
}

/** Runs a shell in the container that the query names, as long as its terminal and devk are there. */
export function shellAnswer(ctx: CliContext, { open, run }: ShellDeps): TerminalAnswer {
  let running = 0
  const shell = async (query: URLSearchParams, terminal: PageTerminal): Promise<TerminalEnd> => {
    const place = placeIn(Object.fromEntries(query))
    if (place === undefined) throw new DevkError('USAGE', 'The request names no pod')
    const signal = AbortSignal.any([ctx.signal, terminal.closed])
    const project = await open(ctx)
    const pod = await podAt(project, place, signal)
    const container = query.get('container') ?? ''
    if (!containersOf(pod, place.service).includes(container))
      throw new DevkError('NOT_READY', `No container ${container} of ${place.service} runs in pod ${place.pod}`)
    const ref = { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name }
    const { input, output } = terminal
    return { exitCode: await run(project.streams, ref, { container, stdin: input, stdout: output, signal }) }
  }
  return async (query, terminal) => {
    if (running >= mostShells)
      return { failure: `${mostShells} shells are open`, hint: 'Close one of them before you open another one.' }
    running += 1
    try {
      return await shell(query, terminal)
    } catch (error) {
      return { failure: messageOf(error), hint: (error instanceof DevkError && error.hint) || null }
    } finally {
      running -= 1
    }
  }
}

/** What a shell in each container of a pod would be. Throws NOT_READY, and USAGE for an unknown service. */
async function shellPreview(project: OpenProject, place: ShellPlace, signal: AbortSignal): Promise<UiShellPreview> {
  const pod = await podAt(project, place, signal)
  const { service } = place
  const containers = containersOf(pod, service)
  if (containers.length === 0) throw new DevkError('NOT_READY', `No container of ${service} runs in pod ${place.pod}`)
  const choices = containers.map((container): UiShellChoice => {
    const where = `${pod.metadata.name} -c ${container}`
    return {
      container,
      effects: [
        `Starts bash in container ${container} of pod ${pod.metadata.name}, or sh where there is no bash.`,
        'It can do what the container can do: read its Secrets, and change its files and its data.',
        'It ends, with what you have started in it, when you close it or the page, or when devk ui ends.',
      ],
      command: `devk exec ${service} --container ${container} -- sh`,
      kubectl: `${kubectlOf(project, pod)} exec -it ${where} -- sh`,
    }
  })
  return { ok: true, choices }
}

async function podAt(project: OpenProject, { service, pod }: ShellPlace, signal: AbortSignal): Promise<Pod> {
  const found = (await servicePods(project, service, signal)).find(({ metadata }) => metadata.name === pod)
  if (found !== undefined) return found
  throw new DevkError('NOT_READY', `${service} has no pod ${pod}`, { hint: 'It may have been replaced meanwhile.' })
}

/** The containers of a service that run in a pod, the one that `devk exec` takes first. Pure. */
export function containersOf(pod: Pod, service: string): string[] {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const running = statuses.filter(({ state }) => state?.running !== undefined).map(({ name }) => name)
  const own = containersOfService(pod, service)
  const preferred = serviceContainer(pod, service)
  const all = own === undefined ? running : running.filter((name) => own.includes(name))
  return all.sort((a, b) => Number(b === preferred) - Number(a === preferred))
}

/** The pod in a value that somebody sent; undefined if there is none. Pure. */
function placeIn(value: unknown): ShellPlace | undefined {
  const { service, pod } = recordOf(value)
  return isName(service) && isName(pod) ? { service, pod } : undefined
}
