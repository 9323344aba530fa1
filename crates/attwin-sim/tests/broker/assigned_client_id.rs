use crate::common::*;

fn assigned(world: &mut World) -> String {
    world.client("");
    world
        .events()
        .into_iter()
        .find_map(|event| match event {
            BrokerEvent::Connected { client_id, .. } => Some(client_id.to_string()),
            _ => None,
        })
        .expect("connected")
}

#[test]
fn clients_without_an_identifier_get_one_of_their_own() {
    let mut world = World::new();
    let first = assigned(&mut world);
    let second = assigned(&mut world);
    assert!(!first.is_empty() && first != second);
    assert_eq!(world.broker.usage().sessions, 2);
}

#[test]
fn an_assigned_identifier_is_never_one_in_use() {
    let expected = assigned(&mut World::new());
    let mut world = World::new();
    let owner = world.client(&expected);
    world.events();
    assert_ne!(assigned(&mut world), expected);
    assert!(!world.is_closed(owner));
}
