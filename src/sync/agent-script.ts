/**
 * The program that writes files into containers, run by the node's perl with its modules alone.
 *
 * Both ways it speaks frames: channel (u32), length (u32), bytes. On channel 0 it is told to open ("O", channel, container id) and
 * to close ("C", channel) a channel, and it says "R" when it is ready. Any other channel is a container: for each, a child is
 * forked that makes the container's root its own, so that no path and no link leads out of it, and that needs nothing from the image.
 * The child reads operations (F write, L link, D delete, E end of batch) and answers a batch with A and its errors, or X and why it
 * cannot serve (nothing: the container does not run). A frame of length 0 says that the channel is closed.
 */
export const agentScript = String.raw`
use strict; use warnings; use Fcntl; use POSIX ();
$SIG{PIPE} = 'IGNORE'; $SIG{CHLD} = 'IGNORE'; umask 022;
my $tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';
my (%child, %channel, $input);
binmode STDIN; binmode STDOUT;

sub put_all { my ($to, $data) = @_; my $at = 0;
  while ($at < length $data) { my $n = syswrite($to, $data, 65536, $at); return 0 unless defined $n; $at += $n }
  return 1 }
sub frame { my ($channel, $data) = @_; put_all(\*STDOUT, pack('NN', $channel, length $data) . $data) or exit 0 }

sub drop { my ($number) = @_; my $it = delete $child{$number} or return;
  delete $channel{fileno $it->{out}}; close $it->{in}; close $it->{out}; frame($number, '') }

sub start { my ($number, $id) = @_;
  my $pid = '';
  if ($id =~ /^[0-9a-f]+\z/ and open my $file, '<', "$tasks/$id/init.pid") { $pid = <$file> // ''; close $file }
  pipe(my $child_in, my $in) and pipe(my $out, my $child_out) or return frame($number, '');
  my $fork = fork;
  return frame($number, '') unless defined $fork;
  if (!$fork) {
    close $in; close $out; close STDIN;
    for (values %child) { close $_->{in}; close $_->{out} }
    eval { serve($pid, $id, $child_in, $child_out); 1 } or answer($child_out, 'X', "agent: $@");
    POSIX::_exit(0);
  }
  close $child_in; close $child_out;
  $child{$number} = { in => $in, out => $out, pid => $pid }; $channel{fileno $out} = $number }

sub command { my ($data) = @_; my ($what, $number, $id) = unpack 'a1 N a*', $data;
  $what eq 'O' ? start($number, $id) : drop($number) }

sub answer { my ($to, $what, $body) = @_; put_all($to, $what . pack('N', length $body) . $body) }

my ($from, $have, $temp, $serial) = (undef, '', undef, 0);
sub take { my ($n) = @_;
  while (length $have < $n) {
    my $got = sysread($from, $have, 65536, length $have);
    next if !defined $got && $!{EINTR};
    if (!$got) { unlink $temp if defined $temp; POSIX::_exit(0) } }
  return substr($have, 0, $n, '') }
sub number { return unpack 'N', take(4) }
sub text { return take(number()) }

sub serve { my ($pid, $id, $in, $out) = @_; $from = $in;
  my $gone = sub { answer($out, 'X', '') };
  return $gone->() unless $pid =~ /^\d+$/ and chdir "/proc/$pid/root";
  open my $groups, '<', "/proc/$pid/cgroup" or return $gone->();
  my $ours = grep { index($_, $id) >= 0 } <$groups>; close $groups;
  return $gone->() unless $ours;
  chroot '.' and chdir '/' or return answer($out, 'X', "chroot: $!");
  my ($index, $errors, $body) = (0, 0, '');
  while (1) {
    my $what = take(1);
    if ($what eq 'E') { answer($out, 'A', pack('N', $errors) . $body); ($index, $errors, $body) = (0, 0, ''); next }
    my $path = text();
    my ($code, $why) = $what eq 'F' ? write_file($path, number()) : $what eq 'L' ? make_link($path, text()) : remove($path);
    if ($why) { $errors++; $body .= pack('NNN', $index, $code, length $why) . $why }
    $index++ } }

sub why { my ($what) = @_; return ($! + 0, $what ? "$what: $!" : "$!") }

sub parents { my ($dir) = @_;
  return if -d $dir;
  my ($at, @owner) = ('', (stat '/')[4, 5]);
  for my $part (grep { length } split m{/}, $dir) {
    $at .= "/$part";
    if (my @is = stat $at) { return (20, "$at is not a folder") unless -d _; @owner = @is[4, 5]; next }
    mkdir $at, 0755 or return why("making $at");
    chown @owner, $at }
  return }

sub place { my ($path) = @_; my ($dir) = $path =~ m{^(.*/)[^/]+\z}s;
  return (22, 'not a path of a file') unless defined $dir;
  my ($code, $bad) = parents($dir); return ($code, $bad) if $bad;
  return (0, '', $dir, $dir . ".devk-$$-" . $serial++) }

sub write_file { my ($path, $mode) = @_;
  my ($code, $bad, $dir, $new) = place($path); my $file;
  if (!$bad) {
    if (sysopen $file, $new, O_WRONLY | O_CREAT | O_EXCL, 0600) { $temp = $new } else { ($code, $bad) = why('') } }
  while (my $size = number()) {
    if ($size == 0xFFFFFFFF) { unlink $temp if defined $temp; undef $temp; return (11, 'it changed while it was read') }
    while ($size > 0) {
      my $part = take($size > 65536 ? 65536 : $size); $size -= length $part;
      next if $bad;
      put_all($file, $part) or ($code, $bad) = why('') } }
  if (!$bad) {
    my @old = lstat $path; my $keeps = @old && -f _;
    my @owner = $keeps ? @old[4, 5] : (stat $dir)[4, 5];
    $mode = ($old[2] & 0666) | ($mode & 0100 ? ($old[2] & 0444) >> 2 : 0) if $keeps;
    chown @owner, $new and chmod $mode & 0777, $new and close $file or ($code, $bad) = why('');
    # A folder that was replaced by a file here is empty by now.
    rmdir $path if !$bad && @old && !$keeps && -d $path && !-l $path;
    if (!$bad && !rename $new, $path) {
      ($code, $bad) = why('');
      ($code, $bad) = overwrite($new, $path) if $code == 16 } }
  unlink $temp if $bad && defined $temp; undef $temp;
  return ($code, $bad) }

# A file that is itself a mount point cannot be replaced, only filled anew.
sub overwrite { my ($new, $path) = @_;
  open my $source, '<:raw', $new or return why('');
  sysopen my $target, $path, O_WRONLY | O_TRUNC | O_NOFOLLOW or return why('');
  while (my $n = sysread $source, my $part, 65536) { put_all($target, $part) or return why('') }
  close $target or return why('');
  unlink $new; return }

sub make_link { my ($path, $to) = @_;
  my ($code, $bad, $dir, $new) = place($path); return ($code, $bad) if $bad;
  symlink $to, $new or return why('');
  my @owner = (stat $dir)[4, 5]; POSIX::lchown(@owner, $new);
  rename $new, $path and return;
  ($code, $bad) = why(''); unlink $new; return ($code, $bad) }

sub remove { my ($path) = @_;
  lstat $path or return $!{ENOENT} || $!{ENOTDIR} ? () : why('');
  if (-d _) { rmdir $path or $!{ENOTEMPTY} || $!{EEXIST} || $!{EBUSY} or return why(''); return }
  unlink $path or $!{ENOENT} or return why('');
  return }

frame(0, 'R');
my $buffer = '';
while (1) {
  my $ready = ''; vec($ready, fileno STDIN, 1) = 1; vec($ready, $_, 1) = 1 for keys %channel;
  my $n = select $ready, undef, undef, 2;
  next if $n < 0;
  # A container that ended is let go of, so that nothing of it is held.
  if ($n == 0) { for (keys %child) { drop($_) unless -d "/proc/$child{$_}{pid}" } next }
  for my $fd (keys %channel) {
    next unless vec $ready, $fd, 1;
    my $number = $channel{$fd};
    my $got = sysread $child{$number}{out}, my $data, 65536;
    if ($got) { frame($number, $data) } else { drop($number) } }
  next unless vec $ready, fileno STDIN, 1;
  sysread STDIN, $buffer, 262144, length $buffer or exit 0;
  while (length $buffer >= 8) {
    my ($number, $size) = unpack 'NN', $buffer;
    last if length $buffer < 8 + $size;
    my $data = substr $buffer, 8, $size; substr($buffer, 0, 8 + $size) = '';
    if ($number == 0) { command($data) }
    # A child that has ended said why before: that is read above, and its end after it.
    elsif (my $it = $child{$number}) { put_all($it->{in}, $data) } } }
`
