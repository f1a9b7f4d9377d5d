import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { gitWork } from '../../../src/watch/git-work.ts'
import { put, startWatch } from './watch-tree-support.ts'

/** Runs git in a folder, without the settings of this machine's user. */
function gitIn(folder: string) {
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: folder }
  const user = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'protocol.file.allow=always']
  return (...args: string[]) => execFileSync('git', [...user, ...args], { cwd: folder, env, encoding: 'utf8' })
}

/** A repository with one commit, in a temporary folder. */
function repository() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'devk-git-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const git = gitIn(folder)
  git('init', '--initial-branch=main')
  put(folder, 'src/a', '1')
  git('add', '.')
  git('commit', '-m', 'first')
  return { folder, git }
}

/** Creates the lock as git does in this working tree, and gives a function that removes it. */
function lock(folder: string): () => void {
  const path = gitIn(folder)('rev-parse', '--path-format=absolute', '--git-path', 'index.lock').trim()
  writeFileSync(path, '')
  return () => rmSync(path)
}

test('git works in a repository, in a linked working tree and in a submodule while it holds the lock there', () => {
  const { folder, git } = repository()
  const other = repository()
  git('worktree', 'add', '-b', 'other', 'linked')
  git('submodule', 'add', other.folder, 'module')
  for (const tree of ['.', 'linked', 'module']) {
    const roots = ['.', 'linked', 'module'].map((each) => join(folder, each))
    const own = join(folder, tree)
    const remove = lock(own)
    expect(roots.map((root) => gitWork([join(root, 'src')])(0))).toEqual(roots.map((root) => root === own))
    expect(gitWork(roots)(0)).toBe(true)
    remove()
    expect(gitWork(roots)(0)).toBe(false)
  }
})

test('a lock that was there long before the first change does not count', async () => {
  const { folder } = repository()
  lock(folder)
  await sleep(20)
  expect([gitWork([folder])(0), gitWork([folder])(-9990)]).toEqual([true, false])
})

test('nothing is known of git where there is no repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'devk-git-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  expect(gitWork([folder, join(folder, 'missing')])(0)).toBe(false)
})

test('a slow switch of the branch is one batch', async () => {
  const names = Array.from({ length: 8 }, (_, at) => `src/${at}.slow`)
  const write = (root: string, text: string) => {
    for (const name of names) put(root, name, text)
  }
  const { root, batches, upTo } = await startWatch(Object.fromEntries(names.map((name) => [name, 'main'])), {
    ignored: (path) => path.includes('.git'),
    prepare(root) {
      const git = gitIn(root)
      git('init', '--initial-branch=main')
      put(root, '.gitattributes', '*.slow filter=slow\n')
      git('config', 'filter.slow.smudge', 'sleep 0.1; cat')
      git('config', 'filter.slow.clean', 'cat')
      git('add', '.')
      git('commit', '-m', 'main')
      git('switch', '-c', 'other')
      write(root, 'other')
      git('commit', '-am', 'other')
      git('switch', 'main')
    },
  })
  // Not at once in this process, where the watch would see nothing meanwhile.
  await once(spawn('git', ['switch', 'other'], { cwd: root, stdio: 'ignore' }), 'close')
  const changed = names.map((name) => `changed ${name}`)
  expect((await upTo('last')).sort()).toEqual(changed)
  expect(batches[0]?.toSorted()).toEqual(expect.arrayContaining(changed))
})
