import type { CommandFunction } from '../context.ts'
import { nameOf } from '../kube/api.ts'
import { openProject } from '../project/open.ts'
import { type Choice, choiceFor } from '../release/colours.ts'
import { switchColour } from '../release/switch.ts'
import { switchedOf } from '../stack/switched.ts'
import { writeJson, writeText } from '../terminal/output.ts'

/** Flags of `devk switch`. */
export interface SwitchFlags {
  /** Milliseconds that the new colour may take to become ready. */
  readonly timeout?: number
  /** Milliseconds for which it is watched after the switch. */
  readonly watch?: number
  /** HTTP path to request from each pod. */
  readonly path?: string
}

/**
 * `devk switch SERVICE [COLOUR]`: makes a Service select another version of its workloads; without a colour, lists the
 * versions.
 */
export const runSwitch: CommandFunction<SwitchFlags> = async (ctx, [name = '', colour], flags) => {
  const { kube, streams, record } = await openProject(ctx)
  const { signal } = ctx
  const choice = await choiceFor(kube, record.name, name, signal)
  if (colour === undefined) {
    if (ctx.json) await writeJson(ctx.stdout, reportOf(choice))
    else await writeText(ctx.stdout, choiceText(choice))
    return 0
  }
  const say = (line: string) => {
    if (!ctx.json) ctx.stderr.write(`  ${line}\n`)
  }
  const { timeout: timeoutMs = 120_000, watch: watchMs = 10_000, path } = flags
  const { changed } = await switchColour(choice, colour, {
    ...{ kube, streams, signal, timeoutMs, watchMs, path, say },
    clock: ctx.clock,
  })
  const object = choice.service.metadata.name
  if (ctx.json) await writeJson(ctx.stdout, { ...reportOf(choice), previous: choice.current, current: colour, changed })
  else if (changed)
    await writeText(ctx.stderr, `${object} switched to ${colour}. To go back: devk switch ${name} ${choice.current}\n`)
  else await writeText(ctx.stderr, `${object} already selects ${colour}\n`)
  return 0
}

function reportOf({ service, key, current, colours }: Choice) {
  return {
    service: nameOf(service),
    label: key,
    current,
    manifests: switchedOf(service)?.manifest ?? current,
    colours: [...colours].map(([colour, workloads]) => ({ colour, workloads: workloads.map(nameOf) })),
  }
}

function choiceText(choice: Choice): string {
  const { service, label, current, manifests, colours } = reportOf(choice)
  const lines = colours.map(
    ({ colour, workloads }) => `${colour === current ? '*' : ' '} ${label}: ${colour}   ${workloads.join(', ')}`,
  )
  const note = manifests === current ? [] : [`  switched with devk switch; the manifests select ${manifests}`]
  return `${[service, ...lines, ...note].join('\n')}\n`
}
