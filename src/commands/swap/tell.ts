import type { CliContext } from '../../context.ts'
import type { SwapPort } from '../../swap/ports.ts'
import { writeText } from '../../terminal/output.ts'

/** What is said about a swap. Each is one JSON object per line with --json. */
export type SwapEvent =
  | { readonly event: 'waiting'; readonly port: number }
  | {
      readonly event: 'swapped'
      /** `shop/api`. */
      readonly service: string
      readonly ports: readonly SwapPort[]
      /** Number of variables that the program got, and what it did not get. */
      readonly variables: number
      readonly missing: readonly string[]
    }
  | { readonly event: 'line'; readonly text: string }
  | { readonly event: 'ended'; readonly reason: string; readonly exitCode: number | null }
  | { readonly event: 'lost'; readonly reason: string }
  | { readonly event: 'problem'; readonly text: string }
  | { readonly event: 'restored'; readonly service: string }

/** Says what a swap does: its lines on stdout, the rest on stderr; with --json all of it on stdout. */
export async function tell(ctx: CliContext, event: SwapEvent): Promise<void> {
  if (ctx.json) return writeText(ctx.stdout, `${JSON.stringify(event)}\n`)
  await writeText(event.event === 'line' ? ctx.stdout : ctx.stderr, `${textOf(event)}\n`)
}

function textOf(event: SwapEvent): string {
  switch (event.event) {
    case 'waiting':
      return `waiting until something listens on localhost:${event.port} …`
    case 'swapped':
      return [
        `Service ${event.service} leads to this machine`,
        ...event.ports.map(({ port, local }) => `  port ${port} → localhost:${local}`),
        ...(event.variables > 0 ? [`  the program has ${event.variables} variables of the pod`] : []),
        ...event.missing.map((each) => `  without ${each}`),
        'Ctrl-C leads it back to its pods.',
      ].join('\n')
    case 'line':
      return event.text
    case 'ended':
      return `The program has ended: ${event.reason}`
    case 'lost':
      return `The swap has ended: ${event.reason}`
    case 'problem':
      return `! ${event.text}`
    case 'restored':
      return `Service ${event.service} leads to its pods again`
  }
}
