//! Devices that somebody signed in on before: a cookie that the portal made for one user ID. It opens nothing. It only
//! gives tries from that device a count of their own, so that a stranger's wrong tries lock nobody out.

use actix_web::{HttpRequest, cookie::Cookie};
use rand::Rng;
use subtle::ConstantTimeEq;

use super::{Kind, guard};
use crate::{
    http::Portal,
    words::{Keys, UserId},
};

/// The letters of the device's own part; a keyed hash of as many follows.
const PART: usize = 32;

fn plain_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "device",
        Kind::Staff => "staff-device",
    }
}

fn bound(kind: Kind, user_id: &UserId, device: &str) -> String {
    format!("{}/{}/{device}", kind.word(), user_id.folded())
}

/// The device that a request comes from, if this user ID signed in on it before.
pub(super) fn known(portal: &Portal, request: &HttpRequest, kind: Kind, user_id: &UserId) -> Option<String> {
    let cookie = guard::cookie_of(request.headers(), &guard::name(plain_name(kind), portal.secure))?;
    verified(&portal.keys, kind, user_id, &cookie)
}

fn verified(keys: &Keys, kind: Kind, user_id: &UserId, cookie: &str) -> Option<String> {
    let (device, mark) = cookie.split_at_checked(PART)?;
    let marks = keys.hashes("device", bound(kind, user_id, device).as_bytes());
    let is_ours = marks.iter().any(|own| bool::from(own.as_bytes()[..PART].ct_eq(mark.as_bytes())));
    is_ours.then(|| device.to_owned())
}

fn made(keys: &Keys, kind: Kind, user_id: &UserId) -> String {
    let mut bytes = [0u8; PART / 2];
    rand::rng().fill_bytes(&mut bytes);
    let device = hex::encode(bytes);
    let mark = &keys.hash("device", bound(kind, user_id, &device).as_bytes())[..PART];
    format!("{device}{mark}")
}

/// The cookie for the device on which somebody just signed in.
pub fn cookie_for(portal: &Portal, kind: Kind, user_id: &UserId) -> Cookie<'static> {
    let age = actix_web::cookie::time::Duration::days(400);
    guard::build(plain_name(kind), &made(&portal.keys, kind, user_id), portal.secure, Some(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_for_its_own_user_id_only() {
        let keys = Keys::parse("a secret of more than thirty-two characters").unwrap();
        let (me, you) = (UserId::parse("smithj9999").unwrap(), UserId::parse("mechanicschool").unwrap());
        let cookie = made(&keys, Kind::Person, &me);
        assert_eq!(cookie.len(), 64);
        assert!(verified(&keys, Kind::Person, &me, &cookie).is_some());
        assert!(verified(&keys, Kind::Person, &you, &cookie).is_none());
        assert!(verified(&keys, Kind::Staff, &me, &cookie).is_none());
        assert!(verified(&keys, Kind::Person, &me, &"0".repeat(64)).is_none());
    }
}
