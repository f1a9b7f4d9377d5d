/** One step of a save (settled, written, built, ready) and how long it took. */
export interface StepTime {
  readonly name: string
  readonly ms: number
}

/** When a save was seen, and when devk knew what had changed (`performance.now`, ms). */
export interface BatchTimes {
  readonly seen: number
  readonly settled: number
}

/** A save on its way, with the ends of its steps so far, by the same clock. */
export interface MarkedSave {
  readonly id: number
  readonly seen: number
  readonly marks: readonly { readonly name: string; readonly at: number }[]
}

/** Where the time of a save went. */
export interface SaveTime {
  /** Counts the saves of this devk from 1. The services that one save changes have the same. */
  readonly id: number
  /** One after another, from the first event of a saved file on. */
  readonly steps: readonly StepTime[]
  /** From that event to the end of the last step. */
  readonly ms: number
}

/** A save that devk has just looked at. Pure. */
export function seenSave(id: number, { seen, settled }: BatchTimes): MarkedSave {
  return { id, seen, marks: [{ name: 'settled', at: settled }] }
}

/** The save after one more step. A step again lasts until now. Pure. */
export function marked(save: MarkedSave, name: string, at: number): MarkedSave {
  const before = save.marks.at(-1)?.name === name ? save.marks.slice(0, -1) : save.marks
  return { ...save, marks: [...before, { name, at }] }
}

/** The time of a save. `stages` are steps that somebody else has measured, and `now` is their end. Pure. */
export function timeOf({ id, seen, marks }: MarkedSave, stages: readonly StepTime[] = [], now?: number): SaveTime {
  const steps = marks.map(({ name, at }, index) => ({ name, ms: at - (marks[index - 1]?.at ?? seen) }))
  const end = now ?? marks.at(-1)?.at ?? seen
  return { id, steps: [...steps, ...stages].map(rounded), ms: round(end - seen) }
}

/** To microseconds: what is behind them is noise. */
const round = (ms: number) => Math.max(0, Math.round(ms * 1000) / 1000)
const rounded = ({ name, ms }: StepTime): StepTime => ({ name, ms: round(ms) })

/** The saves of one service on their way into its containers. */
export interface SaveWay {
  /** A save that the next round is about. Of several, the first one counts: it has waited longest. */
  saved(save: MarkedSave): void
  /** A round begins. Returns the save that it is about; undefined if it is about none. */
  begins(): MarkedSave | undefined
  /** Everything was sent to a container; the last one of the round counts. NaN: nobody knows when. */
  sent(at: number): void
  /** A container has the files of the save. */
  arrived(save: MarkedSave | undefined): MarkedSave | undefined
}

/** Creates the way of the saves of one service. */
export function saveWay(): SaveWay {
  let next: MarkedSave | undefined
  let sentAt: number | undefined
  return {
    saved(save) {
      next ??= save
    },
    begins() {
      const save = next
      next = undefined
      sentAt = undefined
      return save
    },
    sent(at) {
      if (!Number.isNaN(at)) sentAt = Math.max(sentAt ?? at, at)
    },
    arrived(save) {
      const sent = save && sentAt !== undefined ? marked(save, 'sent', sentAt) : save
      return sent && marked(sent, 'written', performance.now())
    },
  }
}
