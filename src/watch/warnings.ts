/** A limit of the watch that the user should know. */
export interface WatchWarning {
  readonly message: string
  readonly hint: string
}

/** The kernel allows no more watches. */
export function exhaustedWarning(code: string): WatchWarning {
  const setting = code === 'ENOSPC' ? 'fs.inotify.max_user_watches=524288' : 'fs.inotify.max_user_instances=512'
  return {
    message: `The kernel allows no more file watches (${code}); devk checks for changes every second instead`,
    hint: `Run sudo sysctl ${setting}, then start devk again.`,
  }
}

/** The kernel may not report the changes in a folder. */
export function silentWarning(folder: string, type: string): WatchWarning {
  return {
    message: `${folder} is on a file system (${type}) that may not report changes; devk also checks it every second`,
    hint: 'A save by another machine may take a second longer. A folder on a local disk is faster.',
  }
}

/** A file that no call of Node can reach. */
export function oddNameWarning(path: string): WatchWarning {
  return {
    message: `The name of ${path} is not UTF-8, so devk does not sync the file`,
    hint: 'Rename it, or name it in .dockerignore.',
  }
}
