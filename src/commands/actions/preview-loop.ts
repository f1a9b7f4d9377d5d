import { count } from '../../lib/text.ts'
import type { RunningSession } from '../../session/end.ts'
import type { ActionPreview } from './request.ts'
import { notWatched } from './session.ts'

/** What a rebuild by the devk that watches would do. Throws USAGE for a service that it does not build. Pure. */
export function rebuildPreview({ state }: RunningSession, name: string): ActionPreview {
  if (!state.watched.includes(name)) throw notWatched(state, 'build', name)
  return {
    effects: [
      `${state.command} (pid ${state.pid}) builds the image of ${name} from its sources as they are now.`,
      'Then it brings the image to the nodes and deploys it.',
      'The view of the saves shows how far it is. Nothing changes when the image is the same.',
    ],
    command: null,
    kubectl: null,
  }
}

/** What sending the saves of a service would do. Throws USAGE for one that is not watched. Pure. */
export function triggerPreview({ state }: RunningSession, name: string): ActionPreview {
  if (!state.watched.includes(name)) throw notWatched(state, 'watch', name)
  const files = state.waiting.find(({ service }) => service === name)?.files ?? 0
  return {
    effects: [
      files === 0
        ? `Nothing of ${name} waits now.`
        : `Sends ${count(files, 'file')} of ${name} that ${files === 1 ? 'waits' : 'wait'}.`,
      'devk syncs them, or builds the image, as the configuration says.',
    ],
    command: `devk trigger ${name}`,
    kubectl: null,
  }
}

/** What it would mean to let saves wait, or no longer. Pure. */
export function pausePreview({ state }: RunningSession, action: 'pause' | 'resume'): ActionPreview {
  const files = state.waiting.reduce((sum, each) => sum + each.files, 0)
  const held = [
    `${state.command} (pid ${state.pid}) keeps saves back from now on.`,
    'Forwards and logs go on. What is being built now is still deployed.',
  ]
  const sent =
    files === 0
      ? 'Nothing waits. Saves are sent at once again.'
      : `Sends ${count(files, 'file')} that waited, as one save.`
  return { effects: action === 'pause' ? held : [sent], command: `devk ${action}`, kubectl: null }
}
