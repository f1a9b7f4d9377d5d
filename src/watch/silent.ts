import { statfs } from 'node:fs/promises'

/**
 * File systems whose changes the kernel does not report when another machine makes them: network file systems, and
 * those that share folders between a host and its virtual machine. By the magic number of statfs(2).
 */
const silent: Readonly<Record<number, string>> = {
  26985: 'nfs',
  4283649346: 'cifs',
  4266872130: 'smb2',
  20859: 'smb',
  16914839: '9p',
  1702057286: 'fuse',
  2020557398: 'vboxsf',
  2088527475: 'prl_fs',
  3133910204: 'vmhgfs',
  1397113167: 'afs',
  12805120: 'ceph',
  198183888: 'lustre',
}

/** The name of the file system of a folder, when changes in it may go unreported. */
export async function silentFileSystem(
  folder: string,
  typeOf: (folder: string) => Promise<number> = async (path) => (await statfs(path)).type,
): Promise<string | undefined> {
  const type = await typeOf(folder).catch(() => 0)
  // Some kernels give the number with its sign.
  return silent[type >>> 0]
}
