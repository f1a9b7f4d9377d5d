// Loaded into each Node process of devk by NODE_OPTIONS: adds the arguments of each program that it starts to a file, as other users of the
// machine could read them in /proc.
import { ChildProcess } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const { spawn } = ChildProcess.prototype
ChildProcess.prototype.spawn = function (options) {
  appendFileSync(process.env.ARGV_RECORD, `${JSON.stringify(options.args)}\n`)
  return spawn.call(this, options)
}
