use std::io::{Read, Write};
use std::net::TcpStream as StdStream;

use tokio::time::timeout;

use super::*;

/// Everything here takes milliseconds; this is for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

struct Bench {
    tcp: Tcp,
    address: SocketAddr,
    heard: Vec<(SocketAddr, Vec<u8>)>,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let mut tcp = Tcp::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = tcp.listener.as_ref().unwrap().local_addr().unwrap();
        tcp.register().unwrap();
        Self { tcp, address, heard: Vec::new(), now: Instant::now() }
    }

    fn connect(&self) -> StdStream {
        let stream = StdStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn handle(&mut self, arrival: Arrival) {
        let heard = &mut self.heard;
        let take = |peer, _, packet: &[u8]| {
            heard.push((peer, packet.to_vec()));
            packet.starts_with(b"leg")
        };
        self.tcp.handle(self.now, arrival, |_, local| local, take);
    }

    /// Takes what comes until that is so.
    async fn until(&mut self, awaited: &str, mut done: impl FnMut(&Self) -> bool) {
        let all = async {
            while !done(self) {
                match self.tcp.next().await {
                    // Time is what the test says.
                    Arrival::Sweep => self.tcp.swept = Instant::now(),
                    arrival => self.handle(arrival),
                }
                self.tcp.flush();
            }
        };
        timeout(PATIENCE, all).await.unwrap_or_else(|_| panic!("{awaited} does not come"));
    }

    fn closed(&self, why: &str) -> u64 {
        self.tcp.numbers().closed().find(|(label, _)| *label == why).unwrap().1
    }
}

fn frame(packet: &[u8]) -> Vec<u8> {
    [&framing::prefix(packet.len()).unwrap()[..], packet].concat()
}

fn is_closed(stream: &mut StdStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
    }
}

#[tokio::test]
async fn packets_go_both_ways_whole_however_they_are_sent() {
    let mut bench = Bench::new();
    let mut client = bench.connect();
    let peer = client.local_addr().unwrap();
    let [first, second] = [frame(b"leg one"), frame(b"leg two")];
    client.write_all(&[&first[..], &second[..4]].concat()).unwrap();
    bench.until("the first packet", |bench| bench.heard.len() == 1).await;
    client.write_all(&second[4..]).unwrap();
    bench.until("the second packet", |bench| bench.heard.len() == 2).await;
    assert_eq!(bench.heard, [(peer, b"leg one".to_vec()), (peer, b"leg two".to_vec())]);
    bench.tcp.push(bench.address, peer, b"there");
    bench.tcp.push(bench.address, peer, b"and back");
    // The runtime may have to learn first that there is room.
    bench.tcp.flush();
    bench.until("all is written", |bench| bench.tcp.connections.values().all(|connection| connection.unsent() == 0)).await;
    let mut back = [0; 17];
    tokio::task::spawn_blocking(move || client.read_exact(&mut back).map(|()| back))
        .await
        .unwrap()
        .map(|back| {
            assert_eq!(back[..], [frame(b"there"), frame(b"and back")].concat());
        })
        .unwrap();
}

#[tokio::test]
async fn who_sends_what_is_no_legs_is_closed_and_others_are_not() {
    let mut bench = Bench::new();
    let (mut good, mut bad) = (bench.connect(), bench.connect());
    good.write_all(&frame(b"leg")).unwrap();
    bad.write_all(&frame(b"GET / HTTP/1.1")).unwrap();
    bench.until("the garbage", |bench| bench.heard.len() == 2).await;
    assert_eq!((bench.tcp.numbers().connections, bench.closed("garbage")), (1, 1));
    assert!(is_closed(&mut bad));
}

#[tokio::test]
async fn who_is_silent_or_sends_a_frame_too_slowly_is_closed() {
    let mut bench = Bench::new();
    let (mut silent, mut slow, mut good) = (bench.connect(), bench.connect(), bench.connect());
    slow.write_all(&frame(b"leg that never comes")[..6]).unwrap();
    good.write_all(&[frame(b""), frame(b"leg")].concat()).unwrap();
    bench.until("a packet", |bench| bench.heard.len() == 1 && bench.tcp.connections.len() == 3).await;
    let begin = bench.now;
    bench.now = begin + Duration::from_secs(9);
    bench.handle(Arrival::Sweep);
    assert_eq!(bench.tcp.connections.len(), 3);
    bench.now = begin + Duration::from_secs(10);
    bench.handle(Arrival::Sweep);
    assert_eq!((bench.tcp.connections.len(), bench.closed("unproven")), (1, 2));
    assert!(is_closed(&mut silent) && is_closed(&mut slow));
    bench.now = begin + Duration::from_secs(59);
    bench.handle(Arrival::Sweep);
    assert_eq!(bench.tcp.connections.len(), 1);
    // Frames without content are no sign of life.
    good.write_all(&frame(b"")).unwrap();
    bench.now = begin + Duration::from_secs(60);
    bench.handle(Arrival::Sweep);
    assert_eq!((bench.tcp.connections.len(), bench.closed("silent")), (0, 1));
    assert!(is_closed(&mut good));
}

#[tokio::test]
async fn what_does_not_fit_is_dropped_whole_and_counted_and_the_rest_arrives() {
    let mut bench = Bench::new();
    let mut client = bench.connect();
    client.write_all(&frame(b"leg")).unwrap();
    bench.until("a packet", |bench| bench.heard.len() == 1).await;
    let (peer, packet) = (client.local_addr().unwrap(), vec![7; 1_200]);
    // Far more than a client that does not read leaves room for.
    let sent = 20_000;
    for _ in 0..sent {
        bench.tcp.push(bench.address, peer, &packet);
        bench.tcp.flush();
    }
    let full = bench.tcp.numbers().full;
    assert!(full > 0 && full < sent, "{full}");
    let waiting: usize = bench.tcp.connections.values().map(Connection::unsent).sum();
    assert!(waiting <= 128 * 1024, "{waiting} bytes wait");
    let whole = usize::try_from(sent - full).unwrap() * (packet.len() + 2);
    let reader = tokio::task::spawn_blocking(move || {
        let mut all = vec![0; whole];
        // One that is open is looked after every second: that it ends is not what is waited for.
        client.read_exact(&mut all).map(|()| (all, client))
    });
    bench.until("all that was taken is written", |_| reader.is_finished()).await;
    let (all, _client) = reader.await.unwrap().unwrap();
    assert!(all.chunks(packet.len() + 2).all(|one| one == frame(&packet)), "what arrives is whole");
}

#[tokio::test]
async fn a_keyframe_that_is_more_than_may_wait_goes_where_the_kernel_has_room_for_it() {
    let mut bench = Bench::new();
    let mut client = bench.connect();
    client.write_all(&frame(b"leg")).unwrap();
    bench.until("a packet", |bench| bench.heard.len() == 1).await;
    let peer = client.local_addr().unwrap();
    for _ in 0..120 {
        bench.tcp.push(bench.address, peer, &[7; 1_200]);
    }
    assert_eq!(bench.tcp.numbers().full, 0);
}

#[tokio::test]
async fn who_is_at_work_and_looks_finds_what_came_meanwhile() {
    let mut bench = Bench::new();
    let mut clients = [bench.connect(), bench.connect()];
    bench.until("both", |bench| bench.tcp.connections.len() == 2).await;
    // By now nothing is there to be read.
    bench.tcp.look().await;
    for client in &mut clients {
        client.write_all(&frame(b"leg")).unwrap();
    }
    bench.tcp.look().await;
    while let Some(arrival) = bench.tcp.try_next() {
        bench.handle(arrival);
    }
    assert_eq!(bench.heard.len(), 2);
}

#[tokio::test]
async fn one_that_ended_is_forgotten_and_what_was_for_it_is_counted() {
    let mut bench = Bench::new();
    let client = bench.connect();
    let peer = client.local_addr().unwrap();
    bench.until("a connection", |bench| bench.tcp.connections.len() == 1).await;
    drop(client);
    bench.until("its end", |bench| bench.tcp.connections.is_empty()).await;
    assert!(bench.tcp.by_addresses.is_empty());
    bench.tcp.push(bench.address, peer, b"late");
    assert_eq!((bench.closed("peer"), bench.tcp.numbers().gone), (1, 1));
}
