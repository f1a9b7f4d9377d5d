/** What users read about one error code in docs/errors.md. Both texts are Markdown. */
export interface ErrorCodeInfo {
  /** The exit code of devk, unless the failure brings its own. */
  readonly exitCode: number
  /** What happened. */
  readonly cause: string
  /** What to do about it. */
  readonly fix: string
}

/** The codes of failures before devk does anything: of the command line and of the configuration. */
export const inputErrorCodes = {
  USAGE: {
    exitCode: 2,
    cause:
      'The command line names something that does not exist (a command, flag, service, job, preset, project or ' +
      'revision), or two flags exclude each other.',
    fix:
      'Read the hint below the message: it suggests the nearest name or lists the valid ones. `devk <command> ' +
      '--help` shows arguments, flags and examples.',
  },
  CONFIG_INVALID: {
    exitCode: 2,
    cause:
      'The configuration, a preset or the manifests contradict the rules that devk checks before it changes ' +
      'anything. The message lists every problem with file and line.',
    fix:
      'Correct the lines that the message names. `devk config` prints the configuration as devk reads it, and ' +
      '[configuration.md](configuration.md) describes each key.',
  },
  CONFIG_UNTRUSTED: {
    exitCode: 2,
    cause:
      'The configuration is code, and you have not allowed devk to run it as it is now; or devk runs as root, and ' +
      'the code belongs to another user, who could change it at any time. Nothing was run.',
    fix:
      'Read the files that the message names, then run `devk allow`. `devk up --yes` allows the code in the folder ' +
      'in which you call it. A configuration in YAML or JSON is data and needs no consent. ' +
      '[threat-model.md](threat-model.md) says when devk asks.',
  },
  PATH_OUTSIDE: {
    exitCode: 2,
    cause:
      'The configuration uses files or folders outside of its repository, itself or over a link, and you have not ' +
      'allowed that. Their content could reach an image, an object of the cluster or a node. Nothing was changed.',
    fix:
      'Check each path that the message names. Move what the project needs into the repository, or run `devk allow ' +
      'PATH` with the paths that you agree to. `devk up` asks on a terminal; `--yes` agrees only to what is below ' +
      'the folder in which you call it. `devk deny` takes all of it back.',
  },
  SECRET_COPIED: {
    exitCode: 2,
    cause:
      'A Dockerfile copies a file into an image that the configuration uses as a secret: a `fromEnvFile`, or a file ' +
      'or SSH key of `build.secrets` and `build.ssh`. Whoever gets the image could read it. Nothing was built.',
    fix:
      'Add the line that the message names to the ignore file of the build, `.dockerignore`. If the build needs the ' +
      'file, pass it with `build.secrets`, which leaves no trace in the image.',
  },
  CONFIG_NOT_FOUND: {
    exitCode: 2,
    cause:
      'A file that the command needs does not exist: the configuration, the file after `--config`, the manifests ' +
      'that `devk init` reads, or the certificate authority that `devk trust` shows.',
    fix:
      'Run devk in the folder of the project, or pass `--config <file>`. `devk init` writes a configuration. The ' +
      'preset `tls` creates the certificate authority during `devk up`.',
  },
} satisfies Record<string, ErrorCodeInfo>
