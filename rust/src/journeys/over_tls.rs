//! The journeys of plain clients once more, over TLS: what carries a request changes nothing.

use super::gateway::over_tls;

macro_rules! again {
    ($($module:ident: $($journey:ident)*;)*) => {$(
        mod $module {
            $(
                #[test]
                fn $journey() {
                    super::over_tls(super::super::$module::$journey);
                }
            )*
        }
    )*};
}

again! {
    messages:
        connections_are_kept_and_requests_pipelined
        a_pipelined_request_behind_a_body_is_seen
        clients_that_want_to_close_are_obeyed
        a_half_closed_client_gets_its_answer
        heads_that_cannot_be_understood_are_refused_and_the_connection_closes
        a_body_that_breaks_its_framing_ends_the_connection
        a_slow_head_is_answered_408
        an_idle_connection_is_closed_after_its_time
        an_answer_to_an_unread_body_arrives_although_the_client_is_still_sending
        head_requests_get_a_length_and_no_body;
    bodies:
        bodies_of_all_sizes_and_framings_arrive
        chunked_answers_are_held_or_streamed_and_framed_again
        answers_that_end_with_their_connection_are_understood
        coded_bodies_are_decoded_both_ways
        payloads_over_the_limit_are_refused_wherever_they_show_it
        answers_over_the_limit_are_500_or_cut
        leave_to_continue_is_given_when_the_body_is_wanted
        an_early_answer_reaches_a_client_that_is_still_sending
        body_and_answer_stream_at_the_same_time
        a_client_that_does_not_read_stops_the_backend
        bodies_wait_for_the_budget;
    caching:
        s13_an_answer_is_given_again_without_its_backend
        s13_hits_and_misses_follow_each_other_on_one_connection
        s13_a_client_that_went_away_or_reads_slowly_keeps_nobody_waiting;
    backends:
        a_timeout_after_streaming_began_cuts_the_connection
        a_client_that_resets_cancels_its_slow_backend;
    framing:
        bytes_behind_any_answer_drop_the_connection
        an_answer_that_breaks_half_way_is_cut;
    life:
        a_panic_answers_500_and_hurts_nobody_else
        draining_finishes_what_runs_and_closes_what_idles
        what_does_not_end_in_time_is_cut_and_counted;
}
