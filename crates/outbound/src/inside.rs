//! Names are looked up once and the addresses checked before a connection is made: a name that points into the house
//! is refused, whoever answers for it and however often the answer changes.

use holdfast_connect::http::address::is_internal;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up and refuses addresses inside the house.
#[derive(Debug, Default)]
pub struct OutsideOnly(DefaultResolver);

/// The name points into the house.
#[derive(Debug)]
pub struct Inside;

impl core::fmt::Display for Inside {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("its name points into the house, where nothing is sent for others")
    }
}

impl std::error::Error for Inside {}

impl Resolver for OutsideOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        if found.iter().any(|address| is_internal(address.ip())) {
            return Err(ureq::Error::Other(Box::new(Inside)));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use ureq::unversioned::resolver::Resolver as _;
    use ureq::unversioned::transport::NextTimeout;
    use ureq::unversioned::transport::time::Duration;

    use super::OutsideOnly;

    #[test]
    fn a_name_that_points_to_this_machine_is_refused_after_the_look_up() {
        let look = |url: &str| {
            let patience = NextTimeout {
                after: Duration::from_secs(5),
                reason: ureq::Timeout::Resolve,
                per_read: None,
                per_write: None,
            };
            OutsideOnly::default().resolve(&url.parse().unwrap(), &ureq::config::Config::default(), patience)
        };
        assert!(matches!(look("https://localhost/"), Err(ureq::Error::Other(_))));
        assert!(look("https://8.8.8.8/").is_ok());
    }
}
