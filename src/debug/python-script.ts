/** The folder in the container where the session keeps debugpy: a volume that only its pods have. */
export const debugFolder = '/.devk-debug'
/** The port of debugpy in the pod. */
export const debugpyPort = 5678

/**
 * Runs inside a container with its own Python 3: prints the Python processes of the container, and the ports on which
 * anything listens, as JSON behind `devk:`.
 */
export const listScript = String.raw`
import json, os, re, sys
def words(file):
    try:
        with open(file, 'rb') as opened: return [w.decode('utf8', 'replace') for w in opened.read().split(b'\0') if w]
    except OSError: return []
def link(file):
    try: return os.readlink(file)
    except OSError: return ''
processes = []
for name in os.listdir('/proc'):
    if not name.isdigit() or int(name) == os.getpid(): continue
    if re.match(r'python[\d.]*$', os.path.basename(link('/proc/' + name + '/exe'))):
        argv = [word[:200] for word in words('/proc/' + name + '/cmdline')[:20]]
        processes.append({'pid': int(name), 'argv': argv, 'cwd': link('/proc/' + name + '/cwd')})
ports = set()
for file in ('/proc/net/tcp', '/proc/net/tcp6'):
    try: lines = open(file).read().splitlines()[1:]
    except OSError: continue
    ports.update(int(line.split()[1].split(':')[1], 16) for line in lines if line.split()[3] == '0A')
version = '.'.join(map(str, sys.version_info[:3]))
print('devk:' + json.dumps({'version': version, 'processes': processes, 'ports': sorted(ports)}))
`

/** Runs as an init container, in the image of the service: waits until devk has brought debugpy, or gives up. */
export const waitScript = `
import json, os, time
folder = '${debugFolder}'
with open(folder + '/image.json', 'w') as file: json.dump(os.environ.get('PYTHONPATH', ''), file)
deadline = time.monotonic() + 300
while not os.path.exists(folder + '/ready') and time.monotonic() < deadline: time.sleep(0.1)
`

/** Runs inside the init container: unpacks the wheel on its standard input. */
export const unpackScript = `
import io, os, sys, zipfile
folder = '${debugFolder}'
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
others = ('.dll', '.exe', '.pdb', '.dylib')
archive.extractall(folder + '/debugpy', [name for name in archive.namelist() if not name.endswith(others)])
os.makedirs(folder + '/start', exist_ok=True)
with open(folder + '/start/sitecustomize.py', 'w') as file: file.write(sys.argv[1])
open(folder + '/ready', 'w').close()
`

/**
 * The module that Python imports first: opens debugpy in the first Python process of the container. debugpy itself
 * follows the processes that this one starts. The PYTHONPATH and the sitecustomize of the image count as without it.
 */
export const startModule = `
import importlib.machinery, importlib.util, json, os, sys
folder = '${debugFolder}'
here = folder + '/start'
if os.environ.get('PYTHONPATH') == here:
    try:
        with open(folder + '/image.json') as file: image = json.load(file)
    except OSError: image = ''
    if image:
        os.environ['PYTHONPATH'] = here + os.pathsep + image
        at = sys.path.index(here) + 1 if here in sys.path else 0
        sys.path[at:at] = image.split(os.pathsep)
found = importlib.machinery.PathFinder.find_spec('sitecustomize', [each for each in sys.path if each != here])
if found is not None and found.loader is not None:
    found.loader.exec_module(importlib.util.module_from_spec(found))
if 'DEVK_DEBUG' not in os.environ:
    os.environ['DEVK_DEBUG'] = str(os.getpid())
    os.environ.setdefault('PYDEVD_DISABLE_FILE_VALIDATION', '1')
    sys.path.append(folder + '/debugpy')
    try:
        import debugpy
        debugpy.listen(('127.0.0.1', ${debugpyPort}))
    except Exception as error:
        print('devk: debugpy does not start: %s' % error, file=sys.stderr)
`
