import type { Duplex } from 'node:stream'
import type { KubeObject } from '../kube/api.ts'
import type { Preparation } from './hold.ts'
import type { Place, RunProgram } from './in-container.ts'
import type { Runtime } from './launch.ts'

/** A debugger that is open. */
export interface Opened {
  /** Its port in the pod. */
  readonly port: number
  /** The command of the program has opened it, so that it stays open. */
  readonly own: boolean
  /** `Node v22.1.0, process 7: node server.js` */
  readonly text: string
  /** The working directory of the program. */
  readonly cwd: string
  /** The file with its entry point, as its compiler saw it. */
  readonly main?: string
  /** What the user should know of it, in sentences. */
  readonly notes?: readonly string[]
}

/** How one runtime is debugged. */
export interface Debugger {
  readonly runtime: Runtime
  /** The port on this machine that editors expect. */
  readonly defaultPort: number
  /** Why a workload gets new pods: the end of a sentence. */
  readonly why: string
  /** What else the pods need. */
  readonly prepare?: Preparation
  /** Whether the pods of a workload can be debugged as they are. */
  isPrepared(workload: KubeObject, container: string): boolean
  /** Called before anything changes. Throws what would make the session fail. */
  before?(signal: AbortSignal): Promise<void>
  /** Brings what they wait for to new pods, into the init container of the session. */
  feed?(run: RunProgram, place: Place, signal: AbortSignal): Promise<void>
  open(run: RunProgram, place: Place, signal: AbortSignal): Promise<Opened>
  /** `connect` leads to its port. */
  close(connect: (signal: AbortSignal) => Promise<Duplex>, signal: AbortSignal): Promise<void>
}
