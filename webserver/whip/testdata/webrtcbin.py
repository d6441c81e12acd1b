#!/usr/bin/python3
"""Publishes (whip) or plays (whep) with GStreamer's webrtcbin, until its standard input ends.

    webrtcbin.py whip|whep URL [TOKEN]

Writes "connected" when the connection is up, and "frame" for every picture that is received.
"""
import sys
import threading
import urllib.request

import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

WHIP = """webrtcbin name=rtc bundle-policy=max-bundle
  videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! videoconvert
    ! vp8enc deadline=1 keyframe-max-dist=15 ! rtpvp8pay pt=96 picture-id-mode=2 ! application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000 ! rtc.
  audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=97
    ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! rtc."""


def say(word):
    print(word, flush=True)


def answer_of(url, token, offer):
    """Posts an offer; returns the answer."""
    headers = {"Content-Type": "application/sdp"}
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(url, data=offer.encode(), headers=headers, method="POST")
    with urllib.request.urlopen(request) as response:
        return response.read().decode()


def main():
    mode, url, token = sys.argv[1], sys.argv[2], (sys.argv + [""])[3]
    Gst.init(None)
    if mode == "whip":
        pipeline = Gst.parse_launch(WHIP)
    else:
        pipeline = Gst.Pipeline.new()
        pipeline.add(Gst.parse_launch("webrtcbin name=rtc bundle-policy=max-bundle"))
    rtc = pipeline.get_by_name("rtc")
    loop = GLib.MainLoop()

    if mode == "whep":
        for caps in ("application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
                     "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"):
            rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))

    def on_pad(_, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        video = "VP8" in pad.get_current_caps().to_string()
        chain = "rtpvp8depay ! vp8dec ! fakesink name=sink signal-handoffs=true sync=false" if video else "fakesink sync=false"
        sink = Gst.parse_bin_from_description(chain, True)
        if video:
            sink.get_by_name("sink").connect("handoff", lambda *_: say("frame"))
        pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def post():
        offer = rtc.get_property("local-description").sdp.as_text()
        try:
            text = answer_of(url, token, offer)
        except OSError as e:
            say("refused: %s" % e)
            loop.quit()
            return
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        rtc.emit("set-remote-description", answer, Gst.Promise.new())

    def on_gathered(*_):
        if rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            threading.Thread(target=post, daemon=True).start()

    def on_offer(promise, *_):
        promise.wait()
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        applied = Gst.Promise.new()
        rtc.emit("set-local-description", offer, applied)
        applied.interrupt()

    def on_state(*_):
        if rtc.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
            say("connected")

    rtc.connect("pad-added", on_pad)
    rtc.connect("notify::ice-gathering-state", on_gathered)
    rtc.connect("notify::connection-state", on_state)
    rtc.connect("on-negotiation-needed",
                lambda *_: rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer, None)))
    pipeline.set_state(Gst.State.PLAYING)

    def until_end():
        sys.stdin.read()
        loop.quit()
    threading.Thread(target=until_end, daemon=True).start()
    loop.run()
    pipeline.set_state(Gst.State.NULL)


main()
