/**
 * Runs inside a container with its own Node, of any version from 8 on: prints the Node processes of the container as
 * JSON behind `devk:`. With a process ID as argument it first sends that process SIGUSR1, which opens the inspector of
 * Node, and waits until the process listens on one more port.
 */
export const nodeScript = String.raw`
const fs = require('fs'), path = require('path')
const attempt = (read, other) => { try { return read() } catch (error) { return other } }
const text = (file) => attempt(() => fs.readFileSync(file, 'utf8'), '')
const words = (file) => text(file).split('\0').filter(Boolean)
const sockets = () => {
  const all = new Map()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of text(file).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state !== '0A') continue
      const [address, port] = local.split(':')
      const own = /^(.{6}7F|0{24}01000000|0{16}FFFF0000.{6}7F)$/i.test(address)
      all.set('socket:[' + inode + ']', { port: parseInt(port, 16), loopback: own })
    }
  }
  return all
}
const listens = (pid, all) => attempt(() => fs.readdirSync('/proc/' + pid + '/fd'), [])
  .map((fd) => all.get(attempt(() => fs.readlinkSync('/proc/' + pid + '/fd/' + fd), ''))).filter(Boolean)
const isNode = (pid) => {
  const exe = attempt(() => fs.readlinkSync('/proc/' + pid + '/exe'), '')
  return exe === process.execPath || /^node(js)?$/.test(path.basename(exe))
}
const list = () => {
  const all = sockets()
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => pid !== process.pid && isNode(pid))
    .map((pid) => {
      const stat = text('/proc/' + pid + '/stat')
      const env = words('/proc/' + pid + '/environ')
      return {
        pid,
        parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]),
        argv: words('/proc/' + pid + '/cmdline').slice(0, 20).map((word) => word.slice(0, 200)),
        options: env.filter((each) => /^NODE_OPTIONS=/.test(each)).map((each) => each.slice(13, 513)).join(' '),
        worker: env.some((each) => /^NODE_UNIQUE_ID=/.test(each)),
        cwd: attempt(() => fs.readlinkSync('/proc/' + pid + '/cwd'), ''),
        listens: listens(pid, all),
      }
    })
}
const end = () => console.log('devk:' + JSON.stringify({ version: process.version, processes: list() }))
const pid = Number(process.argv[1] || 0)
if (pid > 0 && isNode(pid)) {
  const before = listens(pid, sockets()).length
  const deadline = Date.now() + 5000
  process.kill(pid, 'SIGUSR1')
  const look = () => (listens(pid, sockets()).length > before || Date.now() > deadline ? end() : setTimeout(look, 20))
  look()
} else end()
`
