/** The port of the debugger in the pod, which is the one in the examples of the gem `debug`. */
export const rubyPort = 12_345
/** The oldest gem that can attach without a stop of the program. Ruby 3.3 comes with it. */
export const oldestGem = '1.9'

/** A folder in the container: a volume that only the pods of a session have. */
export const hookFolder = '/.devk-debug'
/** The file there, which each Ruby process of a session loads first. */
export const hookFile = 'ruby.rb'

/**
 * Runs in each Ruby process of a session, before its program: opens the debugger of the process when it gets SIGURG,
 * which does nothing to a process without this file. Until then it loads nothing: a short process costs nothing, none
 * of several takes the port, and Bundler chooses the versions of gems as without it. Then the gems that Bundler has
 * chosen stay first. The process goes on whatever happens here.
 */
export const hookScript = `
trap('URG') do
  trap('URG', 'DEFAULT')
  Thread.new do
    load_path = lambda do |name|
      next if Gem.loaded_specs.key?(name)
      # With a folder of its own, Bundler hides the gems that come with Ruby.
      folders = (Gem.path | Gem.default_path).map { |folder| File.join(folder, 'specifications') }
      files = folders.flat_map { |folder| Dir[File.join(folder, name + '-[0-9]*.gemspec')] }
      spec = files.map { |file| Gem::Specification.load(file) }.compact.max_by(&:version)
      next if spec.nil? || $LOAD_PATH.include?(spec.full_require_paths.first)
      $LOAD_PATH.push(*spec.full_require_paths)
      spec.runtime_dependencies.each { |other| load_path.call(other.name) }
    end
    begin
      load_path.call('debug')
      require 'debug/session'
      require 'debug/server'
      version = DEBUGGER__::VERSION
      raise 'the gem debug ' + version + ' is too old' if Gem::Version.new(version) < Gem::Version.new('${oldestGem}')
      # In the thread of the debugger, a port that is taken would end the program.
      TCPServer.new('127.0.0.1', ${rubyPort}).close
      DEBUGGER__::UI_TcpServer.prepend(Module.new do
        # An editor that is killed does not clear its breakpoints, and the next one would be waited for.
        def cleanup_reader
          DEBUGGER__::SESSION.clear_all_breakpoints
          super
        end
      end)
      DEBUGGER__.open(host: '127.0.0.1', port: ${rubyPort}, nonstop: true, fork_mode: :parent, skip_bp: true)
    rescue StandardError, ScriptError => error
      warn 'devk: the debugger does not start: ' + error.message
    end
  end
end
`

/**
 * Runs inside a container with its own Ruby: prints the Ruby processes of the container, and the gem `debug`, as JSON
 * behind `devk:`. With a process ID as argument it first sends SIGURG to that process, and waits until it listens on
 * the port of the debugger.
 */
export const listScript = String.raw`
require 'json'
attempt = lambda { |other = nil, &read| begin; read.call; rescue SystemCallError, IOError; other; end }
text = lambda { |file| attempt.call('') { File.binread(file).force_encoding('UTF-8').scrub } }
link = lambda { |file| attempt.call('') { File.readlink(file) } }
sockets = lambda do
  %w[/proc/net/tcp /proc/net/tcp6].flat_map { |file| text.call(file).lines.drop(1).map(&:split) }
    .select { |fields| fields[3] == '0A' }.to_h { |fields| ['socket:[' + fields[9] + ']', fields[1][/\h+$/].hex] }
end
listens = lambda do |pid, all|
  attempt.call([]) { Dir.children('/proc/' + pid + '/fd') }
    .map { |fd| all[link.call('/proc/' + pid + '/fd/' + fd)] }.compact.uniq
end
is_ruby = lambda { |pid| File.basename(link.call('/proc/' + pid + '/exe')).match?(/\Aruby[\d.]*\z/) }
list = lambda do
  all = sockets.call
  Dir.children('/proc').grep(/\A\d+\z/).select { |pid| pid.to_i != Process.pid && is_ruby.call(pid) }.map do |pid|
    status = text.call('/proc/' + pid + '/status')
    argv = text.call('/proc/' + pid + '/cmdline').split("\0")
    {
      pid: pid.to_i, parent: status[/^PPid:\s*(\d+)/, 1].to_i, cwd: link.call('/proc/' + pid + '/cwd'),
      argv: argv.first(20).map { |word| word[0, 200] },
      waits: status[/^SigCgt:\s*(\h+)/, 1].to_s.hex[Signal.list['URG'] - 1] == 1,
      listens: listens.call(pid, all),
    }
  end
end
pid = ARGV[0]
if pid && is_ruby.call(pid)
  Process.kill('URG', pid.to_i)
  deadline = Time.now + 10
  sleep 0.02 until listens.call(pid, sockets.call).include?(${rubyPort}) || Time.now > deadline
end
processes = list.call
bundled = [ENV['BUNDLE_PATH'], *processes.map { |each| File.join(each[:cwd], 'vendor/bundle') }].compact
folders = (Gem.path | Gem.default_path) + bundled.flat_map { |folder| Dir[File.join(folder, '*/*')] }
gems = folders.flat_map { |folder| Dir[File.join(folder, 'specifications', 'debug-[0-9]*.gemspec')] }
gem = gems.map { |file| Gem::Version.new(File.basename(file)[/\d[\d.]*\d/]) }.max
puts 'devk:' + JSON.generate({
  version: RUBY_VERSION, options: ENV['RUBYOPT'].to_s, gem: gem&.to_s,
  old: gem.nil? || gem < Gem::Version.new('${oldestGem}'), processes: processes
})
`
