import type { Browser, Page } from 'playwright-core'
import { killGroup } from './devk.ts'
import { eventually } from './eventually.ts'
import type { ExampleProject } from './projects/example-project.ts'

/** Programs of a shell: it itself, what guards it, and what it was told to start. */
const ofShells = ['read -r leader', 'sleep 4242']

/** Those of them that run in a container. */
async function shellsIn(todo: ExampleProject, pod: string): Promise<string[]> {
  const command = 'for one in /proc/[0-9]*/cmdline; do tr "\\0" " " < "$one"; echo; done 2>/dev/null; true'
  const all = await todo.kubectl('exec', '-n', 'todo', pod, '--', 'sh', '-c', command)
  return ofShells.filter((program) => all.split('\n').some((line) => line.includes(program)))
}

/** Opens a shell in a pod of the back end, and runs something in it that would go on. Gives the name of the pod. */
async function openShell(page: Page, todo: ExampleProject): Promise<string> {
  await page.getByRole('link', { name: 'Services', exact: true }).click()
  await page.getByRole('link', { name: /^backend/ }).click()
  await page
    .getByRole('button', { name: /^Open a shell in/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog', { name: /^Open a shell in/ })
  const pod = (await dialog.getByRole('heading').innerText()).replace('Open a shell in ', '')
  await dialog.getByText(/devk exec backend --container \S+ -- sh/).waitFor()
  await dialog.getByRole('button', { name: 'Open', exact: true }).click()
  const screen = page.locator('.xterm-rows')
  await screen.getByText(/[$#]/).first().waitFor()
  await page.keyboard.type(
    "nohup sleep 4242 >/dev/null & stty size; echo it is $((6 * 7)) on $(hostname); printf '\\033[31mred\\n'\n",
  )
  await screen.getByText(`it is 42 on ${pod}`).first().waitFor()
  await screen.getByText('red', { exact: true }).first().waitFor()
  await eventually('a shell with what guards it and what it has started', 10, async () =>
    (await shellsIn(todo, pod)).length === ofShells.length ? true : undefined,
  )
  return pod
}

const nothingIsLeft = (todo: ExampleProject, pod: string) =>
  eventually('nothing is left of a shell', 40, async () =>
    (await shellsIn(todo, pod)).length === 0 ? true : undefined,
  )

/** A shell in the page does what is typed, and leaves nothing behind when it is closed. */
export async function useShell(page: Page, todo: ExampleProject): Promise<void> {
  const pod = await openShell(page, todo)
  await page.getByRole('button', { name: 'End this shell' }).click()
  await nothingIsLeft(todo, pod)
}

/** Nor does it when devk is killed. */
export async function loseShell(browser: Browser, todo: ExampleProject): Promise<void> {
  const ui = todo.start(['ui', '--json'])
  const { url } = JSON.parse((await ui.waitFor(/^\{[\s\S]*?^\}/m))[0])
  const page = await browser.newPage()
  await page.goto(url)
  const pod = await openShell(page, todo)
  killGroup(ui)
  await nothingIsLeft(todo, pod)
}
