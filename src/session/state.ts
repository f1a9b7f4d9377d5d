/**
 * What a running `devk up` or `devk dev` tells about itself, version 1. docs/api/session.v1.yaml describes it. Names,
 * files and errors come from projects and containers: they are data, and may hold any text.
 */
export interface SessionState {
  readonly project: string
  /** Version of devk. */
  readonly devk: string
  /** `devk up`, `devk dev` or `devk up --keep`. */
  readonly command: string
  readonly pid: number
  /** It has no terminal. */
  readonly background: boolean
  /** A digest of what it was asked for, so that a second `devk up --keep` knows whether it asks for the same. */
  readonly asked: string
  /** When it began, in RFC 3339. */
  readonly since: string
  /** Whether the stack is up. A failed one is tried again with the next save. */
  readonly phase: 'starting' | 'up' | 'failed'
  /** Why it is not up. */
  readonly failure: Failure | null
  /** The stack was brought up, forwards are open and, unless it watches nothing, sources are watched. */
  readonly serves: boolean
  /** Programs of this machine, in the order in which they were first heard of. */
  readonly locals: readonly LocalProgramState[]
  /** Services whose sources are watched. */
  readonly watched: readonly string[]
  /** Saves wait until somebody goes on. */
  readonly paused: boolean
  /** How many saved files wait, by service; null: those that the objects are made from. */
  readonly waiting: readonly { readonly service: string | null; readonly files: number }[]
  /** The newest saves, oldest first. */
  readonly saves: readonly Save[]
}

/** A program of this machine that runs beside the pods. */
export interface LocalProgramState {
  readonly name: string
  /** One that ended or failed is started again with the next save. */
  readonly state: 'waiting' | 'running' | 'ended' | 'failed'
  /** Why it is in this state; null for one that runs for the first time. */
  readonly reason: string | null
  /** Services and externals that it waits for when it starts. */
  readonly dependsOn: readonly string[]
  readonly urls: readonly string[]
}

/** What went wrong. */
export interface Failure {
  /** What failed: `build`, `ready`, `sync`, `apply`. */
  readonly step: string
  readonly text: string
  /** What the user can do. */
  readonly hint: string | null
}

/** What one save, or several at once, led to. */
export interface Save {
  /** Counts from 1 in each session. */
  readonly id: number
  /** null: the whole stack was applied. */
  readonly service: string | null
  readonly kind: 'sync' | 'rebuild' | 'redeploy'
  readonly began: string
  /** The first files, and how many there are. */
  readonly files: readonly string[]
  readonly fileCount: number
  /** Why a rebuild or redeploy was needed. */
  readonly reason: string | null
  readonly state: 'running' | 'done' | 'failed' | 'overtaken'
  /** One after another, from the beginning. */
  readonly steps: readonly SaveStep[]
  /** From the beginning to the end; null while it runs. */
  readonly ms: number | null
  readonly failure: Failure | null
  /** The number of what was saved, in `devk.save` of its trace: services that it changes share it. null: unknown. */
  readonly number: number | null
  /** The ID of the trace as which it was sent; null: it was not. */
  readonly trace: string | null
}

/** One step of a save. */
export interface SaveStep {
  readonly name: string
  readonly ms: number
}

/** One line of what happened in a session. */
export interface SessionEntry {
  readonly time: string
  readonly service: string | null
  /** The type of the event of the loop, or `phase`. */
  readonly type: string
  readonly text: string
}

/** The event `entries` of `/v1/events`. */
export interface SessionEntries {
  readonly entries: readonly SessionEntry[]
  /** Entries before these that devk no longer has. */
  readonly missed: number
}

/** A line that a program of this machine wrote. */
export interface LocalLine {
  /** Name of the program. */
  readonly service: string
  /** RFC 3339. */
  readonly time: string
  readonly text: string
}

/** The event `lines` of `/v1/logs`. */
export interface LocalLines {
  readonly lines: readonly LocalLine[]
  /** Lines before these that devk no longer has. */
  readonly missed: number
}

/** The answer of `/v1/logs`: all lines that are kept. */
export interface KeptLines extends LocalLines {
  /** The `Last-Event-ID` with which to follow what comes after them. */
  readonly place: string
}

/** Where the page of a session is. Who has it can open the page. */
export interface PageAddress {
  readonly url: string
  /** What a program needs. */
  readonly api: string
  readonly token: string
}
