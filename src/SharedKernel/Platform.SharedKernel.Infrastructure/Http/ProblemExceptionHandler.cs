using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>Answers a failed request with its problem. What was expected is logged at Debug, what was not, once, at Error.</summary>
internal sealed class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var problem = ProblemMapper.From(exception);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            logger.RequestFailed(exception, httpContext.TraceIdentifier);
        }
        else
        {
            logger.RequestRefused(httpContext.TraceIdentifier, problem.Code);
        }

        await problem.WriteAsync(httpContext);
        return true;
    }
}
