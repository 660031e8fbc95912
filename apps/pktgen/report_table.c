/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports as tables for people, and as CSV: a line a figure of a size (or step), so that spreadsheets can sort them.
 */
#include <inttypes.h>

#include "report_tests.h"

#define US 1e3 /* nanoseconds */

static void put_latency(FILE *file, const struct latency_figures *l)
{
	fprintf(file, "%9.1f %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f\n", (double)l->min / US, (double)l->p50 / US,
	        (double)l->p99 / US, (double)l->p99_9 / US, (double)l->p99_99 / US, (double)l->max / US,
	        l->jitter / US);
}

static void table_throughput(FILE *file, const struct rfc2544 *rfc2544)
{
	fprintf(file, "Throughput (26.1): the fastest rate at which at most %g %% of the frames are lost\n\n",
	        rfc2544->conf.tolerance * 100);
	fprintf(file, "   bytes      frames/s     Mbit/s   of link  trials\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		if (size->has_throughput)
			fprintf(file, "%8u %13.1f %10.1f %7.2f %% %7u%s\n", size->size, size->pps,
			        size->pps * size->size * 8 / 1e6, size->share * 100, size->trials,
			        size->sender_limit ? "   no more could be sent" : "");
	}
}

static void table_latency(FILE *file, const struct rfc2544 *rfc2544)
{
	fprintf(file, "\nLatency (26.2) at the throughput, in microseconds\n\n");
	fprintf(file, "   bytes       min    median      99 %%    99.9 %%   99.99 %%       max    jitter\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		if (!size->has_latency)
			continue;
		fprintf(file, "%8u ", size->size);
		put_latency(file, &size->latency.latency);
	}
}

static void table_loss(FILE *file, const struct rfc2544 *rfc2544)
{
	fprintf(file, "\nFrame loss rate (26.3)\n\n   bytes   of link      frames/s       lost\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];

		for (unsigned j = 0; j < size->loss_count; j++)
			fprintf(file, "%8u %7.1f %% %13.1f %8.4f %%\n", size->size, size->loss[j].share * 100,
			        size->loss[j].pps, size->loss[j].loss * 100);
	}
}

static void table_burst(FILE *file, const struct rfc2544 *rfc2544)
{
	fprintf(file, "\nBack-to-back frames (26.4), the mean of %u\n\n   bytes         frames\n",
	        rfc2544->conf.burst_repeats);
	for (unsigned i = 0; i < rfc2544->size_count; i++)
		if (rfc2544->size[i].has_burst)
			fprintf(file, "%8u %14.1f%s\n", rfc2544->size[i].size, rfc2544->size[i].burst,
			        rfc2544->size[i].burst_all ? "   longer ones were not tried" : "");
}

void report_rfc2544_table(FILE *file, const struct rfc2544 *rfc2544)
{
	unsigned tests = rfc2544->conf.tests;

	fprintf(file, "RFC 2544, trials of %g s\n\n", rfc2544->conf.seconds);
	if (tests & (RFC2544_THROUGHPUT | RFC2544_LATENCY))
		table_throughput(file, rfc2544);
	if (tests & RFC2544_LATENCY)
		table_latency(file, rfc2544);
	if (tests & RFC2544_LOSS)
		table_loss(file, rfc2544);
	if (tests & RFC2544_BURST)
		table_burst(file, rfc2544);
}

static void csv_latency(FILE *file, const char *head, const struct latency_figures *l)
{
	fprintf(file, "%s,min_ns,%" PRIu64 "\n%s,median_ns,%" PRIu64 "\n%s,p99_ns,%" PRIu64 "\n", head, l->min, head,
	        l->p50, head, l->p99);
	fprintf(file, "%s,p99_9_ns,%" PRIu64 "\n%s,p99_99_ns,%" PRIu64 "\n%s,max_ns,%" PRIu64 "\n", head, l->p99_9,
	        head, l->p99_99, head, l->max);
	fprintf(file, "%s,mean_ns,%.1f\n%s,jitter_ns,%.1f\n", head, l->mean, head, l->jitter);
}

void report_rfc2544_csv(FILE *file, const struct rfc2544 *rfc2544)
{
	fprintf(file, "size,test,offered_share,figure,value\n");
	for (unsigned i = 0; i < rfc2544->size_count; i++) {
		const struct rfc2544_size *size = &rfc2544->size[i];
		char head[64];

		if (size->has_throughput)
			fprintf(file,
			        "%u,throughput,,pps,%.3f\n%u,throughput,,share,%.6f\n%u,throughput,,sender_limit,%d\n",
			        size->size, size->pps, size->size, size->share, size->size, size->sender_limit);
		if (size->has_latency) {
			snprintf(head, sizeof(head), "%u,latency,%.6f", size->size, size->share);
			csv_latency(file, head, &size->latency.latency);
		}
		for (unsigned j = 0; j < size->loss_count; j++)
			fprintf(file, "%u,loss,%.6f,pps,%.3f\n%u,loss,%.6f,loss,%.9f\n", size->size,
			        size->loss[j].share, size->loss[j].pps, size->size, size->loss[j].share,
			        size->loss[j].loss);
		if (size->has_burst)
			fprintf(file, "%u,burst,1,frames,%.1f\n", size->size, size->burst);
	}
}

/* Calls @put for each step of each service. */
static void each_step(FILE *file, const struct y1564 *y1564,
                      void (*put)(FILE *file, const struct y1564_service *service, const struct y1564_step *step))
{
	for (unsigned i = 0; i < y1564->conf.service_count; i++) {
		const struct y1564_outcome *outcome = &y1564->outcome[i];

		for (unsigned j = 0; j < outcome->step_count; j++)
			put(file, &y1564->conf.service[i], &outcome->step[j]);
		if (outcome->together.name)
			put(file, &y1564->conf.service[i], &outcome->together);
	}
}

static void table_step(FILE *file, const struct y1564_service *service, const struct y1564_step *step)
{
	const struct trial_result *result = &step->result;

	fprintf(file, "%-16.16s %-10s %12.1f %12.1f %8.4f %% %9.1f %9.1f  %s%s\n", service->name, step->name,
	        step->asked, result->pps, trial_loss(result) * 100, (double)result->latency.max / US,
	        (double)(result->latency.p99_9 - result->latency.min) / US, step->failed ? "failed: " : "passed",
	        step->failed ? step->failed : "");
}

void report_y1564_table(FILE *file, const struct y1564 *y1564)
{
	fprintf(file, "Y.1564: %s\n\n", y1564->passed ? "passed" : "failed");
	fprintf(file, "service          step           asked/s       sent/s       lost  delay us  variation\n");
	each_step(file, y1564, table_step);
}

static void csv_step(FILE *file, const struct y1564_service *service, const struct y1564_step *step)
{
	const struct trial_result *result = &step->result;

	fprintf(file, "%s,%s,%.3f,%.3f,%" PRIu64 ",%" PRIu64 ",%.9f,%" PRIu64 ",%" PRIu64 ",%s\n", service->name,
	        step->name, step->asked, result->pps, result->sent, result->arrived, trial_loss(result),
	        result->latency.max, result->latency.p99_9 - result->latency.min, step->failed ? step->failed : "");
}

void report_y1564_csv(FILE *file, const struct y1564 *y1564)
{
	fprintf(file, "service,step,asked_pps,sent_pps,sent,arrived,loss,delay_ns,variation_ns,failed_by\n");
	each_step(file, y1564, csv_step);
}
