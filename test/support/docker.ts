import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Runs the docker client, which shares no code with devk, so that a test can check what devk did.
 * Gives the trimmed standard output. Throws an error with standard error in its message when docker fails.
 */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { maxBuffer: 100_000_000 })).stdout.trim()
}
