//! What is wrong with the command line, or with the machine, before anything was begun.

use crate::check;

#[test]
fn a_command_that_there_is_not() {
    check("unknown-command", &["anaylze", "shop"]);
    check("session-as-command", &["session"]);
    check("unknown-flag", &["analyze", "shop", "--fail"]);
    check("missing-argument", &["compare", "shop/1.heapsnapshot"]);
    check("unknown-format", &["analyze", "shop", "--format", "xml"]);
    check("json-and-format", &["analyze", "shop", "--json", "--format", "text"]);
    check("missing-argument-json", &["analyze", "--json"]);
}

#[test]
fn a_hunt_that_cannot_be_meant() {
    check("heroku-no-app", &["heroku"]);
    check("heroku-bad-app", &["heroku", "-a", "../x"]);
    check("heroku-bad-growth", &["heroku", "-a", "x", "--growth", "lots"]);
    check("heroku-bad-wait", &["heroku", "-a", "x", "--max-wait", "10"]);
    check("heroku-no-samples", &["heroku", "-a", "x", "--samples", "0"]);
    check("heroku-no-folder", &["heroku", "-a", "x", "--out", "/nonexistent/folder"]);
    check("heroku-no-use", &["heroku", "-a", "x", "--profile", "sampling", "--samples", "3"]);
    check("heroku-no-duration", &["heroku", "-a", "x", "--duration", "5s"]);
    check("heroku-quiet-verbose", &["heroku", "-a", "x", "-q", "-v"]);
    check("heroku-accept-nothing", &["heroku", "-a", "x", "--accept", "restart"]);
    check("heroku-no-preload", &["heroku", "-a", "x", "--no-preload"]);
    check("ssh-no-host", &["ssh"]);
    check("ssh-bad-port", &["ssh", "nobody@host:x"]);
    check("ssh-no-identity", &["ssh", "nobody@host", "--identity", "nosuch"]);
    check("docker-no-container", &["docker"]);
    check("docker-bad-name", &["docker", "shop;x"]);
    check("docker-bad-program", &["docker", "shop", "--program", "lxc"]);
    check("kubectl-no-pod", &["kubectl"]);
    check("kubectl-two", &["kubectl", "shop-1", "-l", "app=shop"]);
    check("kubectl-bad-pod", &["kubectl", "Shop;x"]);
    check("kubectl-bad-kind", &["kubectl", "node/shop"]);
    check("kubectl-bad-namespace", &["kubectl", "shop-1", "-n", "Prod"]);
    check("kubectl-no-kubeconfig", &["kubectl", "shop-1", "--kubeconfig", "nosuch"]);
    check("fly-no-app", &["fly"]);
    check("fly-bad-app", &["fly", "-a", "Shop;x"]);
    check("fly-bad-machine", &["fly", "-a", "shop", "--machine", "a b"]);
    check("local-bad-pid", &["local", "--pid", "web.1"]);
}

#[test]
fn a_command_that_cannot_carry_a_hunt() {
    let bad = |name: &str, exec: &str| check(&format!("command-{name}"), &["command", "--exec", exec]);
    check("command-no-exec", &["command"]);
    bad("no-place", "docker exec -i shop");
    bad("two-places", "ssh shop {} {}");
    bad("part-of-a-word", "ssh shop 'cd /app && {}'");
    bad("no-program", "{}");
    bad("open-quote", "sh -c '{}");
    bad("terminal", "docker exec -it shop sh -c {}");
    bad("terminal-ssh", "ssh -tt shop {}");
    bad("terminal-kubectl", "kubectl -n prod exec --stdin --tty shop -- sh -c {}");
    bad("no-stdin", "podman exec shop sh -c {}");
    bad("detached", "docker exec -i -d shop sh -c {}");
    bad("not-there", "/nosuch/docker exec -i shop sh -c {}");
    check("command-bad-forward", &["command", "--exec", "sh -c {}", "--forward", "nc 127.0.0.1"]);
    check("doctor-command-not-there", &["doctor", "command", "--exec", "nosuch-tool sh -c {}"]);
}

#[test]
fn a_machine_without_the_tools() {
    check("heroku-no-cli", &["heroku", "-a", "x"]);
    check("heroku-no-cli-json", &["heroku", "-a", "x", "--json"]);
    check("docker-no-cli", &["docker", "shop"]);
    check("kubectl-no-cli", &["kubectl", "shop-1"]);
    check("fly-no-cli", &["fly", "-a", "shop"]);
    check("doctor-no-cli", &["doctor", "heroku", "-a", "x"]);
    check("doctor-no-cli-json", &["doctor", "heroku", "-a", "x", "--json"]);
}

#[test]
fn a_cleanup_after_nothing() {
    check("cleanup", &["cleanup"]);
    check("cleanup-json", &["cleanup", "--json"]);
}
