import { spawn } from 'node:child_process'
import type { PodStreams } from '../../src/kube/api.ts'

/** Runs what devk asks of a container in a process of this machine. */
export const localExec: PodStreams['exec'] = (_pod, [program = '', ...args], { stdout, stderr }) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.pipe(stdout, { end: false })
    child.stderr.pipe(stderr, { end: false })
    child.on('error', reject).on('close', (code) => resolve(code ?? 1))
  })
