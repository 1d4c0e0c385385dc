package dev.millrace.projects;

import dev.millrace.platform.check.Rules;
import dev.millrace.platform.grpc.Reply;
import dev.millrace.platform.search.Page;
import dev.millrace.proto.CreateScheduleRequest;
import dev.millrace.proto.DeleteScheduleRequest;
import dev.millrace.proto.DeleteScheduleResponse;
import dev.millrace.proto.GetScheduleRequest;
import dev.millrace.proto.JobResponse;
import dev.millrace.proto.ListSchedulesRequest;
import dev.millrace.proto.ListSchedulesResponse;
import dev.millrace.proto.PauseScheduleRequest;
import dev.millrace.proto.ResumeScheduleRequest;
import dev.millrace.proto.RunScheduleRequest;
import dev.millrace.proto.Schedule;
import dev.millrace.proto.ScheduleResponse;
import dev.millrace.proto.ScheduleServiceGrpc.ScheduleServiceImplBase;
import io.grpc.stub.StreamObserver;

/** Schedules on the wire. */
final class ScheduleRpc extends ScheduleServiceImplBase {

  private final Schedules schedules;

  ScheduleRpc(Schedules schedules) {
    this.schedules = schedules;
  }

  @Override
  public void createSchedule(
      CreateScheduleRequest request, StreamObserver<ScheduleResponse> observer) {
    // Rules are checked of the request itself, not of what is in it.
    Rules.of(request.getJob()).check(request.getJob());
    Reply.send(
        observer,
        response(
            schedules.create(
                request.getName(),
                request.getCron(),
                request.getTimeZone(),
                request.getOverlap(),
                request.getPaused(),
                JobRpc.submission(request.getJob()))));
  }

  @Override
  public void getSchedule(GetScheduleRequest request, StreamObserver<ScheduleResponse> observer) {
    Reply.send(observer, response(schedules.get(request.getScheduleId())));
  }

  @Override
  public void listSchedules(
      ListSchedulesRequest request, StreamObserver<ListSchedulesResponse> observer) {
    Page<ScheduleRow> page =
        schedules.list(
            request.hasMaxResults() ? request.getMaxResults() : null, request.getPageToken());
    ListSchedulesResponse.Builder response = ListSchedulesResponse.newBuilder();
    page.rows().forEach(row -> response.addSchedules(proto(row)));
    if (page.nextToken() != null) {
      response.setNextPageToken(page.nextToken());
    }
    Reply.send(observer, response.build());
  }

  @Override
  public void pauseSchedule(
      PauseScheduleRequest request, StreamObserver<ScheduleResponse> observer) {
    Reply.send(observer, response(schedules.pause(request.getScheduleId())));
  }

  @Override
  public void resumeSchedule(
      ResumeScheduleRequest request, StreamObserver<ScheduleResponse> observer) {
    Reply.send(observer, response(schedules.resume(request.getScheduleId())));
  }

  @Override
  public void runSchedule(RunScheduleRequest request, StreamObserver<JobResponse> observer) {
    Reply.send(observer, JobRpc.response(schedules.run(request.getScheduleId())));
  }

  @Override
  public void deleteSchedule(
      DeleteScheduleRequest request, StreamObserver<DeleteScheduleResponse> observer) {
    schedules.delete(request.getScheduleId());
    Reply.send(observer, DeleteScheduleResponse.getDefaultInstance());
  }

  private static ScheduleResponse response(ScheduleRow row) {
    return ScheduleResponse.newBuilder().setSchedule(proto(row)).build();
  }

  private static Schedule proto(ScheduleRow row) {
    Schedule.Builder schedule =
        Schedule.newBuilder()
            .setScheduleId(row.scheduleId())
            .setCron(row.cron())
            .setTimeZone(row.timeZone())
            .setOverlap(row.overlap().text())
            .setPaused(row.nextFireTime() == null)
            .setJob(JobRpc.request(row.spec()))
            .setCreationTime(row.creationTime());
    if (!row.name().isEmpty()) {
      schedule.setName(row.name());
    }
    if (!row.user().isEmpty()) {
      schedule.setUser(row.user());
    }
    if (row.nextFireTime() != null) {
      schedule.setNextFireTime(row.nextFireTime());
    }
    if (row.lastFireTime() != null) {
      schedule.setLastFireTime(row.lastFireTime());
    }
    if (row.lastJobId() != null) {
      schedule.setLastJobId(row.lastJobId());
    }
    if (row.lastJobState() != null) {
      schedule.setLastJobState(row.lastJobState());
    }
    if (row.message() != null) {
      schedule.setMessage(row.message());
    }
    return schedule.build();
  }
}
