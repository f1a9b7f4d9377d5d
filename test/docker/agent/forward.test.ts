import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectFromNode } from '../../../src/forward/connect.ts'
import { type FakeNode, startNode } from './node.ts'

const { signal } = new AbortController()
let node: FakeNode
let container = ''

beforeAll(async () => {
  node = await startNode()
  container = (await node.container('/c/any')).node
})
afterAll(() => node?.remove())

/** Answers each connection in capitals once the client has ended its direction. */
const server = `use Socket; socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(7000, INADDR_ANY)); listen($l, 9);
  while (accept(my $s, $l)) { local $/; my $all = <$s>; syswrite $s, uc $all; close $s }`

test('a connection from the node, with a half-close', async () => {
  await node.sh(`perl -e '${server}' </dev/null >/dev/null 2>&1 & sleep 0.2`)
  for (const question of ['one', 'two']) {
    const stream = await connectFromNode(node.agents, container, '127.0.0.1 7000', signal)
    stream.end(question)
    expect(await text(stream)).toBe(question.toUpperCase())
  }
})

test('an address on which nothing listens refuses with the reason', async () => {
  const connecting = connectFromNode(node.agents, container, '127.0.0.1 7999', signal)
  await expect(connecting).rejects.toMatchObject({ code: 'NOT_READY', message: 'connection refused' })
})
