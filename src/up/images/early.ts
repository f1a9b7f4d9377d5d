import { inParallel } from '../../lib/parallel.ts'
import { type ImageWork, imagesAtOnce } from './work.ts'

/** Images that are built and pulled while the cluster is created. */
export interface EarlyImages {
  begin(work: EarlyWork): void
  /**
   * Waits until an image is no longer on its way to the engine, and gives whether it was built. `onLine` gets the
   * output meanwhile. Counts once for each owner: afterwards its sources may be others. Never rejects: who needs the
   * image finds that it is missing, makes it again, and reports why it cannot be made.
   */
  take(owner: string, onLine: (line: string) => void): Promise<boolean>
  /** Interrupts what is on its way, and waits for its end. */
  stop(): Promise<void>
}

/** How to make images. */
export interface EarlyWork {
  /** Finds out which. What it rejects with is left for those who find out again. */
  readonly wanted: (signal: AbortSignal) => Promise<readonly ImageWork[]>
  /** Builds or pulls one of them, and gives whether it built it. */
  readonly make: (work: ImageWork, onLine: (line: string) => void, signal: AbortSignal) => Promise<boolean>
}

/** Makes images until the signal. */
export function earlyImages(signal: AbortSignal): EarlyImages {
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const outputs = new Map<string, (line: string) => void>()
  const none = new Map<string, Promise<boolean>>()
  let begun = Promise.resolve(none)
  const begin = async ({ wanted, make }: EarlyWork) => {
    const works = await wanted(either)
    const turns = works.map((work) => ({ work, made: Promise.withResolvers<boolean>() }))
    void inParallel(turns, imagesAtOnce, async ({ work, made }) => {
      const onLine = (line: string) => outputs.get(work.owner)?.(line)
      made.resolve(await make(work, onLine, either).catch(() => false))
    })
    return new Map(turns.map(({ work, made }) => [work.owner, made.promise]))
  }
  return {
    begin(work) {
      begun = begin(work).catch(() => none)
    },
    async take(owner, onLine) {
      const waiting = await begun
      const made = waiting.get(owner)
      if (made === undefined) return false
      waiting.delete(owner)
      outputs.set(owner, onLine)
      return made
    },
    async stop() {
      stop.abort()
      await Promise.all((await begun).values())
    },
  }
}
