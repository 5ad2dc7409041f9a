using Hangfire.Dashboard;
using Hangfire.Dashboard.Pages;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Jobs;

namespace Platform.Host.Jobs;

/// <summary>
/// Pages of the Hangfire dashboard for the queues that are no Hangfire jobs: what is in which state, what runs, what was given up, and
/// buttons to try again or to stop.
/// </summary>
internal static class QueuePages
{
    private const int MostItems = 100;
    private static readonly Lock Registering = new();
    private static bool _isRegistered;

    /// <summary>Adds the pages. The dashboard's routes are the process's, so that is done once.</summary>
    public static void Register()
    {
        lock (Registering)
        {
            if (_isRegistered)
            {
                return;
            }

            _isRegistered = true;
            DashboardRoutes.Routes.AddRazorPage("/work", _ => new OverviewPage());
            DashboardRoutes.Routes.AddRazorPage(
                "/work/(?<queue>[a-z]+)/(?<state>[a-z]+)", match => new QueuePage(match.Groups["queue"].Value, match.Groups["state"].Value));
            DashboardRoutes.Routes.Add("/work/(?<queue>[a-z]+)/(?<state>[a-z]+)/(?<action>[a-z]+)/(?<id>[0-9a-f-]{36})", new ActionDispatcher());
            NavigationMenu.Items.Add(page => new MenuItem("Work", page.Url.To("/work")) { Active = page.RequestPath.StartsWith("/work", StringComparison.Ordinal) });
        }
    }

    // A page of the dashboard is written by one synchronous call, on a thread of its own request.
    private static T Read<T>(RazorPage page, Func<OperatorQueues, Caller, CancellationToken, Task<T>> read)
    {
        var http = page.Context.GetHttpContext();
        var caller = http.RequestServices.GetRequiredService<ICurrentCaller>().Caller;
        return read(http.RequestServices.GetRequiredService<OperatorQueues>(), caller, http.RequestAborted).GetAwaiter().GetResult();
    }

    private sealed class OverviewPage : RazorPage
    {
        public override void Execute()
        {
            Layout = new LayoutPage("Work");
            WriteLiteral("<h1 class=\"page-header\">Work</h1><table class=\"table\"><thead><tr><th>Queue</th><th>State</th><th>Count</th></tr></thead><tbody>");
            foreach (var queue in Read(this, (queues, _, _) => Task.FromResult(queues.All)))
            {
                foreach (var (state, count) in Read(this, (queues, caller, cancellation) => queues.CountAsync(queue, caller, cancellation)))
                {
                    WriteLiteral("<tr><td>");
                    Write(queue.Title);
                    WriteLiteral($"</td><td><a href=\"{Url.To($"/work/{queue.Name}/{state}")}\">");
                    Write(state);
                    WriteLiteral("</a></td><td>");
                    Write(count);
                    WriteLiteral("</td></tr>");
                }
            }

            WriteLiteral("</tbody></table>");
        }
    }

    private sealed class QueuePage(string name, string state) : RazorPage
    {
        public override void Execute()
        {
            var queue = Read(this, (queues, _, _) => Task.FromResult(queues.All.FirstOrDefault(queue => queue.Name == name)));
            if (queue is null)
            {
                Context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            Layout = new LayoutPage($"{queue.Title}: {state}");
            WriteLiteral("<h1 class=\"page-header\">");
            Write($"{queue.Title}: {state}");
            WriteLiteral($"</h1><p>The newest {MostItems}.</p><table class=\"table\"><thead><tr><th>Id</th><th>Owner</th><th>Detail</th>");
            WriteLiteral("<th>Attempts</th><th>Queued</th><th>Ended</th><th></th></tr></thead><tbody>");
            foreach (var item in Read(this, (queues, caller, cancellation) => queues.ListAsync(queue, state, MostItems, caller, cancellation)))
            {
                WriteItem(queue, item);
            }

            WriteLiteral("</tbody></table>");
        }

        private void WriteItem(OperatorQueue queue, OperatorItem item)
        {
            WriteLiteral("<tr>");
            foreach (var cell in new object?[] { item.Id, item.UserId, item.Detail, item.Attempts, item.CreatedAt.ToString("u"), item.EndedAt?.ToString("u") })
            {
                WriteLiteral("<td>");
                Write(cell);
                WriteLiteral("</td>");
            }

            WriteLiteral("<td>");
            foreach (var action in queue.Actions.Where(action => action.States.Contains(state)))
            {
                WriteLiteral($"<form method=\"post\" action=\"{Url.To($"/work/{queue.Name}/{state}/{action.Name}/{item.Id}")}\">");
                WriteLiteral("<button class=\"btn btn-sm btn-default\">");
                Write(action.Title);
                WriteLiteral("</button></form>");
            }

            WriteLiteral("</td></tr>");
        }
    }

    /// <summary>Does what a button says, and shows the list again. The cookie is the same site's alone, so no other page can press it.</summary>
    private sealed class ActionDispatcher : IDashboardDispatcher
    {
        public async Task Dispatch(DashboardContext context)
        {
            var http = context.GetHttpContext();
            var (queueName, state, name) = (
                context.UriMatch.Groups["queue"].Value, context.UriMatch.Groups["state"].Value, context.UriMatch.Groups["action"].Value);
            var queue = http.RequestServices.GetRequiredService<OperatorQueues>().All.FirstOrDefault(queue => queue.Name == queueName);
            var action = queue?.Actions.FirstOrDefault(action => action.Name == name);
            if (!HttpMethods.IsPost(http.Request.Method) || action is null || !Guid.TryParse(context.UriMatch.Groups["id"].Value, out var id))
            {
                http.Response.StatusCode = action is null ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
                return;
            }

            try
            {
                await action.RunAsync(http.RequestServices, id, http.RequestAborted);
            }
            catch (PlatformException)
            {
                // It has moved on meanwhile: the list shows where it is now.
            }

            http.Response.Redirect($"{http.Request.PathBase}/work/{queueName}/{state}");
        }
    }
}
