/** Image of the pod; the kit makes it. */
export const image = 'node:22-slim'

/** The port of the pod for bytes, and the one for requests. */
export const port = 7000
export const webPort = 7001

/** The first byte says what a connection is for: e sends back what comes, g sends 1 GiB. */
const program = `
require('node:net').createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.once('data', (first) => {
    if (first[0] === 101) { socket.write(first.subarray(1)); socket.pipe(socket); return }
    const block = Buffer.alloc(1 << 16)
    let left = 1 << 14
    const go = () => { while (left > 0) { left--; if (!socket.write(block)) return socket.once('drain', go) } socket.end() }
    go()
  })
}).listen(${port})
require('node:http').createServer((_, answer) => answer.end('ok')).listen(${webPort})`

/** The pod that the forwards lead to. */
export const serverPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'server' },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'server',
        image,
        imagePullPolicy: 'Never',
        command: ['node', '-e', program],
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
      },
    ],
  },
}
