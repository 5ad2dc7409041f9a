using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.Limits;

/// <summary>
/// Gives answers at the beat of a clock: an address that is known takes a little more work than one that is not, and nobody is to see
/// the difference.
/// </summary>
internal sealed class EvenAnswers(TimeProvider clock) : IEndpointFilter
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var started = clock.GetTimestamp();
        try
        {
            return await next(context);
        }
        finally
        {
            var spent = clock.GetElapsedTime(started);
            var beats = Math.Ceiling(spent / Beat);
            await Task.Delay((beats * Beat) - spent, clock, context.HttpContext.RequestAborted);
        }
    }
}
