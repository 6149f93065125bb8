//! Runbooks to begin with.

/// One that is shipped.
#[derive(Debug)]
pub struct Shipped {
    /// Its name, which is that of its file without `.yaml`.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
}

/// All of them.
pub const SHIPPED: [Shipped; 4] = [
    Shipped { name: "r14-web", text: include_str!("../runbooks/r14-web.yaml") },
    Shipped { name: "worker-overnight", text: include_str!("../runbooks/worker-overnight.yaml") },
    Shipped { name: "before-after-deploy", text: include_str!("../runbooks/before-after-deploy.yaml") },
    Shipped { name: "fleet-worst", text: include_str!("../runbooks/fleet-worst.yaml") },
];
