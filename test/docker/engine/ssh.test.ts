import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import ssh2 from 'ssh2'
import { expect, onTestFinished, test } from 'vitest'
import { foreignProject, pinnedNode } from '../../support/installed-package.ts'

/** An SSH server on loopback that lets `dev` in and runs one command, as a machine with docker does. Gives its port and what was run. */
async function machineWithDocker(): Promise<{ port: number; commands: string[] }> {
  const commands: string[] = []
  const hostKeys = [ssh2.utils.generateKeyPairSync('ed25519').private]
  const server = new ssh2.Server({ hostKeys }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (attempt) => (attempt.username === 'dev' ? attempt.accept() : attempt.reject()))
    client.on('session', (accept) =>
      accept().on('exec', (run, refuse, { command }) => {
        commands.push(command)
        if (command !== 'docker system dial-stdio') return refuse()
        const channel = run()
        const engine = connect('/var/run/docker.sock')
        engine.on('error', () => channel.close())
        channel.pipe(engine).pipe(channel)
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, commands }
}

test('the installed package reaches an engine over ssh', async () => {
  const { port, commands } = await machineWithDocker()
  const project = await foreignProject()
  onTestFinished(() => project.dispose())
  const engine = { DOCKER_HOST: `ssh://dev@127.0.0.1:${port}`, SSH_AUTH_SOCK: undefined }
  const { stdout, stderr } = await project.run(pinnedNode, 'npx', ['devk', 'doctor', '--json'], engine)
  expect(JSON.parse(stdout).findings[0], stderr).toMatchObject({ id: 'engine', level: 'ok' })
  expect(new Set(commands)).toEqual(new Set(['docker system dial-stdio']))
})
