import { join } from 'node:path'
import { expect } from 'vitest'
import type { WebProject } from '../projects/web-project.ts'
import { attach, dapClient, readAt } from './dap.ts'
import { addService, strictManifest } from './debugged-service.ts'

/** A server whose worker serves, as Puma is one. `lib.rb` comes from the RUBYOPT of the image. */
const main = `require 'socket'
require_relative 'app'
server = TCPServer.new('0.0.0.0', 8080)
trap('TERM') { exit!(0) }
fork { App.serve(server) }
Process.waitall
`
/** The fourth line is the one with the breakpoint. */
const app = `module App
  def self.tick(count)
    greeting = "#{Lib::WORD} #{count}"
    greeting
  end

  def self.serve(server)
    trap('TERM') { exit!(0) }
    Thread.new { (0..).each { |count| tick(count); sleep 0.1 } }
    loop do
      client = server.accept
      client.gets
      client.write("HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n#{tick(0)} of #{Process.pid}")
      client.close
    end
  end
end
`
/** On this machine. */
const port = 18347

/** Bundler runs the program with a folder of gems that has no gem `debug`. */
const dockerfile = `FROM ruby:3.3
WORKDIR /app
COPY lib.rb /lib-of-image/
COPY src/ .
RUN bundle config set --local path vendor/bundle && bundle install --local
ENV RUBYOPT=-r/lib-of-image/lib.rb
CMD ["bundle", "exec", "ruby", "main.rb"]
`

/** Debugs a service in Ruby with a client of the Debug Adapter Protocol, in a process that the program has forked. */
export async function proveRubyDebug(project: WebProject, cluster: string): Promise<void> {
  const { devk, folder } = project
  const service = await addService(project, cluster, {
    name: 'rubin',
    entry: { build: { context: 'rubin' }, sync: [{ from: 'rubin/src', to: '/app' }] },
    files: {
      'rubin/Dockerfile': dockerfile,
      'rubin/lib.rb': "module Lib; WORD = 'hello'; end\n",
      'rubin/src/Gemfile': "source 'https://rubygems.org'\n",
      'rubin/src/main.rb': main,
      'rubin/src/app.rb': app,
    },
    manifest: strictManifest('rubin', 1),
  })
  await service.deploy()
  const refused = await devk.run(['debug', 'rubin', '--write', 'jetbrains', '--port', String(port)])
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('RubyMine does not attach')])

  const session = await service.debug(['--write', 'vscode', '--port', String(port)], 180_000)
  expect(session.told).toMatchObject({ service: 'rubin', runtime: 'ruby', address: `127.0.0.1:${port}` })
  const entry = await service.launchEntry()
  expect(entry).toMatchObject({ type: 'rdbg', request: 'attach', debugPort: `127.0.0.1:${port}` })
  const localfsMap = String(entry.localfsMap).replace(`\${workspaceFolder}`, folder)
  const breakpoint = { path: join(folder, 'rubin/src/app.rb'), line: 4 }
  // The breakpoints of a client that is killed are gone, and the next one is served as well.
  for (const _each of [1, 2]) {
    const client = await attach(dapClient(port), 'rdbg', { ...entry, localfsMap }, breakpoint)
    const { threadId } = await client.event('stopped')
    expect(await readAt(client, threadId, breakpoint, 'greeting')).toMatch(/^"hello \d+"$/)
    await session.stands()
    client.close()
    await session.goesOn()
  }
  // A Ruby program beside it is not disturbed.
  const beside = ['exec', session.told.pod as string, '--', 'ruby', '-e', 'puts Lib::WORD']
  expect(await service.kubectl(...beside)).toMatch(/^hello\s*$/)
  await session.end()
  await service.remove()
}
