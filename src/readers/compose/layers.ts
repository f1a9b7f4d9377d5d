import type { OpenPoint } from '../facts.ts'
import type { Located } from '../located.ts'
import { words } from '../words.ts'
import { interpolated } from './interpolate.ts'
import type { ComposeProject, LayeredService } from './project.ts'

/** The layers of a service, and texts with the variables of their project. */
export class Layers {
  /** Variables without a value. */
  readonly unset: OpenPoint[] = []
  /** What else cannot be taken over. */
  readonly open: OpenPoint[] = []
  readonly layers: readonly Located[]
  readonly #env: ComposeProject['env']

  constructor({ layers }: LayeredService, env: ComposeProject['env']) {
    this.layers = layers
    // Paths are relative to the folder of the file.
    this.#env = { PWD: '.', ...env }
  }

  /** The value of the last layer that has one. */
  get(...keys: string[]): Located | undefined {
    return this.layers.map((layer) => layer.get(...keys)).findLast(({ isThere }) => isThere)
  }

  /** The items or entries of all layers, as list items or key-value pairs. */
  all(...keys: string[]): Located[] {
    return this.layers.map((layer) => layer.get(...keys)).filter(({ isThere }) => isThere)
  }

  /** A text without variables; undefined, with an open point, if one of them has no value. */
  text(value: Located | undefined): string | undefined {
    const written = value?.text()
    if (value === undefined || written === undefined) return undefined
    const { text, missing } = interpolated(written, this.#env)
    if (missing.length === 0) return text
    const message = `${missing.join(', ')} has no value in .env, so "${written}" is left out.`
    this.unset.push({ place: value.place, message })
    return undefined
  }

  /** A command as words. */
  words(value: Located | undefined): string[] | undefined {
    if (value === undefined) return undefined
    if (value.text() === undefined) return value.items().flatMap((item) => this.text(item) ?? [])
    const line = this.text(value)
    return line === undefined ? undefined : words(line)
  }
}
