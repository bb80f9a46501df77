//! Query strings: split and decoded only where a mapping asks (rest-api §1.4).
